"""``--fail-on-open``, which CI runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, require_token

from ...conftest import Run
from ...outside import run_command
from .. import refused


@pytest.fixture
def closed(app: Flask) -> Flask:
    """An app that has one open view, and optional and required ones."""
    app.add_url_rule("/healthz", "healthz", lambda: "up")
    app.add_url_rule("/maybe", "maybe", require_token(optional=True)(lambda: "may"))
    return app


def test_an_open_route_fails(closed: Flask, run: Run) -> None:
    """Exit code 1, and the endpoints that are open."""
    result = run("routes", "--fail-on-open", "--json")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: open: healthz, static; put @require_token")
    assert '"endpoint": "healthz"' in result.stdout


def test_allowed_endpoints_may_be_open(closed: Flask, run: Run) -> None:
    """how-to/running/routes: static files and health checks."""
    allowed = ["--allow", "static", "--allow", "healthz"]

    assert run("routes", "--fail-on-open", *allowed).exit_code == 0
    assert run("routes", "--fail-on-open", *allowed[:2]).exit_code == 1
    assert run("routes").exit_code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--fail-on-open", "--allow", "healtz"], "did you mean 'healthz'?"),
        (["--allow", "healthz"], "--fail-on-open"),
    ],
)
def test_an_allowance_without_effect_is_wrong_input(
    closed: Flask, run: Run, options: list[str], says: str
) -> None:
    """A forgotten allowance would open the next view of that name."""
    line = refused(run("routes", *options), 2)

    assert line.startswith("Error: --allow: ")
    assert says in line


def test_it_needs_no_database(tmp_path: Path, db: SQLAlchemy, tapauth: TapAuth) -> None:
    """CI has no database when it looks at the routes."""
    app = Flask("host", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/no/such/file.db"
    db.init_app(app)
    tapauth.init_app(app)

    assert run_command(app, "clients", "list").exit_code == 1
    assert run_command(app, "routes", "--fail-on-open").exit_code == 0
