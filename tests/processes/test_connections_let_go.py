"""Connections of our own go when the host's go, and stay with their process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from .conftest import backends
from .two_apps import Grants, status

ROOT = Path(__file__).parents[2]


def test_disposing_of_the_hosts_engine_closes_ours(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """Issue 5: who lets go of the host's connections knows of no other ones."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)
    grants = Grants(host, tapauth, db)
    status(host, grants.token)
    assert len(backends(postgresql)) == 2

    with host.app_context():
        db.engine.dispose()

    assert backends(postgresql) == []
    assert status(host, grants.token) == 200


def test_a_forked_process_leaves_its_parents_connections_alone(
    postgresql: sa.URL,
) -> None:
    """Issue 5: two processes on one connection would read each other's answers."""
    script = Path(__file__).parent / "forked.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    url = postgresql.render_as_string(hide_password=False)

    done = subprocess.run(
        [sys.executable, str(script), url],
        env=environment,
        capture_output=True,
        timeout=60,
        check=True,
    )

    told = json.loads(done.stdout)
    assert told["statuses"] == [200] * 5
    assert told["parent"]
    assert told["child"]
    assert not set(told["parent"]) & set(told["child"])
    assert b"closed" not in done.stderr
