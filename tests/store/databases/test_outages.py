"""A database that fails is answered by 503, and the app recovers by itself."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import (
    RegisteredClient,
    TapAuth,
    require_token,
)
from flask_tapauth.errors import TemporarilyUnavailableError

from ...conftest import bearer, grant
from ...services import SERVERS, administering, out_of_reach
from .conftest import get_token, register, run


def assert_unavailable(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def assert_silent(log: str, client: RegisteredClient, token: str) -> None:
    """Assert that the log has the failure, and no secret of the request."""
    assert "The database cannot be used" in log
    digest = hashlib.sha256(token.encode()).digest()
    for value in (client.client_id, str(client.client_secret), token, repr(digest)):
        assert value not in log


def test_a_database_out_of_reach_is_a_503_and_no_view_runs(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    database: sa.URL,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A view must not run for a token that nobody could check."""
    client = register(host, tapauth)
    token = get_token(http, client)
    ran: list[str] = []
    app = Flask("cut off")
    app.config["SQLALCHEMY_DATABASE_URI"] = out_of_reach(database)
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/run")
    @require_token
    def run() -> str:
        ran.append("ran")
        return "ran"

    http = app.test_client()
    assert_unavailable(http.post("/oauth/token", data=grant(client)))
    assert_unavailable(http.get("/run", headers=bearer(token)))
    assert ran == []
    assert_silent(caplog.text, client, token)


@pytest.mark.parametrize("table", ["tapauth_client", "tapauth_token"])
def test_the_same_app_serves_again_when_its_tables_are_back(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    table: str,
) -> None:
    """An outage must not need a restart of the app."""
    client = register(host, tapauth)
    token = get_token(http, client)

    run(host, db, f"ALTER TABLE {table} RENAME TO hidden")
    assert_unavailable(http.post("/oauth/token", data=grant(client)))
    assert_unavailable(http.get("/orders", headers=bearer(token)))
    assert_silent(caplog.text, client, token)

    run(host, db, f"ALTER TABLE hidden RENAME TO {table}")
    assert http.post("/oauth/token", data=grant(client)).status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_the_session_is_usable_after_a_failure(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The host's next statement would fail in a transaction that is aborted."""
    failures = [True]

    def fail(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if failures:
            failures.pop()
            return "SELECT * FROM nowhere", ()
        return statement, parameters

    register(host, tapauth, client_id="abc")
    with host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", fail, retval=True)
        with pytest.raises(TemporarilyUnavailableError):
            tapauth.tokens.issue("abc")
        assert db.session.scalar(sa.select(sa.literal(1))) == 1
        assert tapauth.tokens.issue("abc")["access_token"]


KILL_OTHERS = {
    "postgresql": "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = '{name}' AND pid <> pg_backend_pid()",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = '{name}'",
}


@pytest.mark.parametrize("database", SERVERS, indirect=True)
def test_a_restarted_server_costs_one_503(
    host: Flask, tapauth: TapAuth, http: FlaskClient, database: sa.URL
) -> None:
    """A pooled connection that the server has closed must not be a 500."""
    client = register(host, tapauth)
    token = get_token(http, client)

    with administering(database) as server:
        dialect = server.dialect.name
        kill = KILL_OTHERS[dialect].format(name=database.database)
        killed = server.exec_driver_sql(kill).scalars().all()
        for each in killed if dialect == "mysql" else ():
            server.exec_driver_sql(f"KILL {each}")

    assert killed
    assert_unavailable(http.get("/orders", headers=bearer(token)))
    assert http.get("/orders", headers=bearer(token)).status_code == 200
