"""An engine with a `creator` of the host's, which may raise an OSError."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth.errors import TemporarilyUnavailableError

from ...conftest import MakeApp, bearer, grant
from .conftest import get_token, register
from .test_outages import assert_unavailable


class Creator:
    """Connects to a file, unless the way there is cut."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_cut = False

    def __call__(self) -> sqlite3.Connection:
        if self.is_cut:
            raise ConnectionRefusedError("10.0.0.7 refused")
        return sqlite3.connect(self._path, check_same_thread=False)


@pytest.fixture
def creator(tmp_path: Path) -> Creator:
    return Creator(tmp_path / "host.db")


@pytest.fixture
def host(creator: Creator, make_app: MakeApp) -> Flask:
    options = {"creator": creator, "poolclass": sa.NullPool}
    return make_app(
        SQLALCHEMY_DATABASE_URI="sqlite:///x", SQLALCHEMY_ENGINE_OPTIONS=options
    )


def test_a_creator_that_is_refused_is_a_503(
    host: Flask,
    http: FlaskClient,
    tapauth: TapAuth,
    creator: Creator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """docs/how-to/running: the database is out of service. It was a 500."""
    client = register(host, tapauth)
    token = get_token(http, client)
    creator.is_cut = True

    assert_unavailable(http.post("/oauth/token", data=grant(client)))
    assert_unavailable(http.get("/whoami", headers=bearer(token)))

    assert "The database cannot be used: ConnectionRefusedError" in caplog.text
    creator.is_cut = False
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "call",
    [
        lambda tapauth: tapauth.users.forget("7"),
        lambda tapauth: tapauth.tokens.purge(),
        lambda tapauth: tapauth.tokens.issue("any"),
        lambda tapauth: tapauth.clients.create("any"),
    ],
)
def test_python_code_gets_the_error_of_an_outage(
    host: Flask, tapauth: TapAuth, creator: Creator, call: Callable[[TapAuth], Any]
) -> None:
    """A view that calls us must be a 503, too."""
    with host.app_context():
        creator.is_cut = True
        with pytest.raises(TemporarilyUnavailableError):
            call(tapauth)
        creator.is_cut = False


def test_an_error_of_the_hosts_listener_is_no_outage(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The token is stored: a 503 would say that nothing was done."""
    client = register(host, tapauth)

    def notify(_: Any) -> None:
        raise ConnectionRefusedError("the search index is down")

    with host.app_context():
        sa.event.listen(db.session, "after_commit", notify)
        with pytest.raises(ConnectionRefusedError, match="search index"):
            tapauth.tokens.issue(client)
        sa.event.remove(db.session, "after_commit", notify)
        db.session.remove()
