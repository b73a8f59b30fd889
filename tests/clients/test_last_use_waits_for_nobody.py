"""The time of use is a remark: no request waits or fails for it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import TapAuth, verify_token

from ..conftest import MakeApp, bearer, grant
from ..statements import statements
from ..tokens import set_all

IMPATIENT = {
    "postgresql": {"connect_args": {"options": "-c lock_timeout=2000"}},
    "mysql": {"connect_args": {"init_command": "SET innodb_lock_wait_timeout=2"}},
    "sqlite": {"connect_args": {"timeout": 2}},
}
"""Engine options that end a wait for a lock, by dialect."""


def issue(db: SQLAlchemy, tapauth: TapAuth) -> str:
    """Return a token of a client whose last use is to be written."""
    client = tapauth.clients.create("Reports", client_id="reports")
    token: str = tapauth.tokens.issue(client)["access_token"]
    set_all(db, tapauth.Client, last_used_at=None)
    db.session.remove()
    return token


def test_a_row_that_the_request_has_locked_is_not_waited_for(
    make_app: MakeApp,
    db: SQLAlchemy,
    tapauth: TapAuth,
    database: sa.URL,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A request waited for its own lock: for ever on PostgreSQL and MariaDB."""
    app = make_app(
        SQLALCHEMY_DATABASE_URI=database,
        SQLALCHEMY_ENGINE_OPTIONS=IMPATIENT[database.get_backend_name()],
    )

    @app.get("/rename")
    def rename() -> str:
        db.session.execute(sa.update(tapauth.Client).values(client_name="Report"))
        verify_token()
        db.session.commit()
        return ""

    with app.app_context():
        token = issue(db, tapauth)

    answer = app.test_client().get("/rename", headers=bearer(token))

    assert answer.status_code == 200
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_a_shared_session_takes_no_second_connection(
    make_app: MakeApp,
    db: SQLAlchemy,
    tapauth: TapAuth,
    tmp_path: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """TAPAUTH_SHARE_SESSION: a full pool would keep each request waiting."""
    app = make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/host.db",
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 2,
            "max_overflow": 0,
            "pool_timeout": 1,
        },
        TAPAUTH_SHARE_SESSION=True,
    )

    @app.before_request
    def use_a_connection() -> None:
        db.session.execute(sa.text("SELECT 1"))

    with app.app_context():
        token = issue(db, tapauth)
        with db.engine.connect():  # of another request
            answer = app.test_client().get("/whoami", headers=bearer(token))

    assert answer.status_code == 200
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_each_tenant_has_its_own_times(tmp_path: Any) -> None:
    """A `get_bind` that reads the session's `info` found nothing there: 500."""

    class Base(DeclarativeBase):
        pass

    class TenantSession(Session):
        def get_bind(self, *_: Any, **__: Any) -> Any:
            return self._db.engines[self.info["tenant"]]

    db = SQLAlchemy(model_class=Base, session_options={"class_": TenantSession})
    tapauth = TapAuth(db=db)
    app = Flask("host")
    tenants = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("north", "south")}
    app.config.update(SQLALCHEMY_BINDS=tenants, TAPAUTH_REQUIRE_HTTPS=False)
    db.init_app(app)
    tapauth.init_app(app)

    @app.before_request
    def choose_tenant() -> None:
        db.session.info["tenant"] = request.headers["Tenant"]

    app.get("/orders")(lambda: str(verify_token()))
    used = []
    for tenant in tenants:
        with app.app_context():
            db.metadata.create_all(db.engines[tenant])
            db.session.info["tenant"] = tenant
            token = issue(db, tapauth)
        headers = {**bearer(token), "Tenant": tenant}
        assert app.test_client().get("/orders", headers=headers).status_code == 200
        with app.app_context():
            db.session.info["tenant"] = tenant
            used.append(tapauth.clients.get("reports").last_used_at)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()

    assert None not in used


def test_the_client_is_written_before_its_token(
    make_app: MakeApp, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """The other way round, MariaDB ended concurrent requests as a deadlock: 503."""
    app = make_app()
    with app.app_context():
        client = tapauth.clients.create("Reports")

    with statements(app, db) as sent:
        app.test_client().post("/oauth/token", data=grant(client))

    writes = [each.split()[:3] for each in sent if not each.startswith("SELECT")]
    assert [" ".join(write) for write in writes] == [
        "UPDATE tapauth_client SET",
        "INSERT INTO tapauth_token",
    ]
