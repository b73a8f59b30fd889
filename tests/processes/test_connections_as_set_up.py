"""Our statements follow the host's settings of its engine and its sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp, bearer, grant
from .conftest import NewDatabase, backends


def opens(host: Flask, token: str) -> int:
    return host.test_client().get("/orders", headers=bearer(token)).status_code


def issue(host: Flask, tapauth: TapAuth) -> str:
    with host.app_context():
        client = tapauth.clients.create("Reports", scopes="orders:read")
        token: str = tapauth.tokens.issue(client)["access_token"]
    return token


def enter_transaction(host: Flask, db: Any) -> Callable[[], None]:
    """Put a host into a transaction, as test suites do; return what rolls it back."""
    with host.app_context():
        engine = db.engine
        connection = engine.connect()
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        db.engines[None] = connection
    transaction = connection.begin()

    def roll_back() -> None:
        with host.app_context():
            db.session.remove()
            db.engines[None] = engine
        transaction.rollback()
        connection.close()

    return roll_back


def test_a_shared_session_is_in_the_hosts_transaction(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """With TAPAUTH_SHARE_SESSION, a rollback undoes everything."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql, TAPAUTH_SHARE_SESSION=True)
    roll_back = enter_transaction(host, db)

    token = issue(host, tapauth)
    seen_inside = opens(host, token)
    roll_back()

    assert (seen_inside, opens(host, token)) == (200, 401)
    with host.app_context():
        assert host.extensions["tapauth"].clients.list() == []


def test_a_transaction_from_outside_is_shared_by_default(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """An engine with one connection has no second one."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)
    roll_back = enter_transaction(host, db)

    try:
        assert opens(host, issue(host, tapauth)) == 200
    finally:
        roll_back()


def test_no_second_pool_is_opened(
    make_app: MakeApp, tapauth: TapAuth, postgresql: sa.URL
) -> None:
    """It would double the number of connections to the server."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)

    assert opens(host, issue(host, tapauth)) == 200

    assert len(backends(postgresql)) == 1


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_always_shared(
    make_app: MakeApp, tapauth: TapAuth, uri: str
) -> None:
    """A second connection would see another, empty database."""
    host = make_app(SQLALCHEMY_DATABASE_URI=uri)

    assert opens(host, issue(host, tapauth)) == 200


def begin_by_itself(host: Flask, db: SQLAlchemy, journal_mode: str) -> None:
    """Let a host begin transactions itself, as SQLAlchemy documents for SQLite."""

    def leave_it_to_us(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.execute("PRAGMA busy_timeout = 0")
        connection.isolation_level = None

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    with host.app_context():
        db.engine.dispose()
        sa.event.listen(db.engine, "connect", leave_it_to_us)
        sa.event.listen(db.engine, "begin", begin)


def test_a_host_that_begins_its_own_transactions_can_issue_tokens(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """docs/how-to/running/databases.md: SQLite needs a write-ahead log for this."""
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"))
    begin_by_itself(host, db, "wal")
    with host.app_context():
        client = tapauth.clients.create("Reports", scopes="orders:read")

    answer = host.test_client().post("/oauth/token", data=grant(client))

    assert answer.status_code == 200
    assert opens(host, answer.get_json()["access_token"]) == 200


def test_a_commit_that_is_refused_is_rolled_back(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """Otherwise our connection would lock everybody out until a restart."""
    database = new_database("sqlite")
    host = make_app(SQLALCHEMY_DATABASE_URI=database)
    begin_by_itself(host, db, "delete")  # a writer waits for readers
    with host.app_context():
        client = tapauth.clients.create("Reports", scopes="orders:read")

    with closing(
        sqlite3.connect(str(database.database), isolation_level=None)
    ) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM tapauth_token").fetchall()
        answer = host.test_client().post("/oauth/token", data=grant(client))

    assert answer.status_code == 503
    with host.app_context():
        tapauth.clients.create("Others")  # reads, and writes


def test_the_hosts_execution_options_apply(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """A schema_translate_map says in which schema the tables are."""
    admin = sa.create_engine(postgresql)
    with admin.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA tenant")
    options = {"execution_options": {"schema_translate_map": {None: "tenant"}}}
    host = make_app(
        SQLALCHEMY_DATABASE_URI=postgresql, SQLALCHEMY_ENGINE_OPTIONS=options
    )

    try:
        assert opens(host, issue(host, tapauth)) == 200
    finally:
        with host.app_context():
            db.session.remove()
        with admin.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA tenant CASCADE")
        admin.dispose()


def test_an_isolation_level_of_the_engine_loses_no_token(
    make_app: MakeApp, tapauth: TapAuth, postgresql: sa.URL
) -> None:
    """It is set as an execution option of the engine."""
    options = {"execution_options": {"isolation_level": "SERIALIZABLE"}}
    host = make_app(
        SQLALCHEMY_DATABASE_URI=postgresql, SQLALCHEMY_ENGINE_OPTIONS=options
    )

    assert opens(host, issue(host, tapauth)) == 200


def test_an_isolation_level_of_a_listener_loses_no_token(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """It is set on each connection."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)

    def isolate(connection: sa.Connection) -> None:
        connection.execution_options(isolation_level="REPEATABLE READ")

    with host.app_context():
        sa.event.listen(db.engine, "engine_connect", isolate)

    assert opens(host, issue(host, tapauth)) == 200
