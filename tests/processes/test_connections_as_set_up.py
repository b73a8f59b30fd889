"""Connections of our own follow what the host set up for its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import pool

from flask_tapauth import TapAuth

from ..conftest import MakeApp, bearer, grant
from .conftest import NewDatabase, backends


def opens(host: Flask, token: str) -> int:
    return host.test_client().get("/orders", headers=bearer(token)).status_code


def issue(host: Flask, tapauth: TapAuth) -> str:
    with host.app_context():
        client = tapauth.register_client("Reports", scopes="orders:read")
        token: str = tapauth.issue_token(client)["access_token"]
    return token


def enter_transaction(host: Flask, db: Any) -> Callable[[], None]:
    """Put a host into a transaction from outside, as suites of tests do; return what
    rolls it back."""
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
    """Issue 5: with TAPAUTH_SHARE_SESSION all is in one transaction, and goes with
    it."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql, TAPAUTH_SHARE_SESSION=True)
    roll_back = enter_transaction(host, db)

    token = issue(host, tapauth)
    seen_inside = opens(host, token)
    roll_back()

    assert (seen_inside, opens(host, token)) == (200, 401)
    with host.app_context():
        assert host.extensions["tapauth"].clients.list() == []


def test_a_hosts_transaction_from_outside_is_shared_unasked(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """Issue 5: where the host's engine is one connection there is no pool to copy."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)
    roll_back = enter_transaction(host, db)

    try:
        assert opens(host, issue(host, tapauth)) == 200
    finally:
        roll_back()


def test_a_shared_session_needs_one_connection(
    make_app: MakeApp, tapauth: TapAuth, postgresql: sa.URL
) -> None:
    """Issue 5: TAPAUTH_SHARE_SESSION halves the connections of a process."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql, TAPAUTH_SHARE_SESSION=True)

    assert opens(host, issue(host, tapauth)) == 200

    assert len(backends(postgresql)) == 1


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_always_shared(
    make_app: MakeApp, tapauth: TapAuth, uri: str
) -> None:
    """Issue 5: to a second connection it would be another, empty one."""
    host = make_app(SQLALCHEMY_DATABASE_URI=uri)

    assert opens(host, issue(host, tapauth)) == 200


@pytest.mark.parametrize("kind", [pool.NullPool, pool.StaticPool, pool.QueuePool])
def test_the_hosts_kind_of_pool_is_kept(
    make_app: MakeApp, tapauth: TapAuth, postgresql: sa.URL, kind: type[pool.Pool]
) -> None:
    """Issue 5: who has a pooler in front of the database wants no pool behind it."""
    host = make_app(
        SQLALCHEMY_DATABASE_URI=postgresql,
        SQLALCHEMY_ENGINE_OPTIONS={"poolclass": kind},
    )

    assert opens(host, issue(host, tapauth)) == 200

    kept = {pool.NullPool: 0, pool.StaticPool: 1, pool.QueuePool: 2}[kind]
    assert len(backends(postgresql)) == kept


def test_what_the_host_sets_on_its_connections_is_set_on_ours(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """Issue 5: without busy_timeout, SQLite would refuse the second of two writers."""
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"))

    def set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout = 4321")

    found: list[int] = []

    def look(connection: Any, *_: object) -> None:
        cursor = connection.connection.cursor()
        found.extend(cursor.execute("PRAGMA busy_timeout").fetchone())

    with host.app_context():
        db.engine.dispose()
        sa.event.listen(db.engine, "connect", set_up)
        sa.event.listen(db.engine, "before_cursor_execute", look)
    token = issue(host, tapauth)

    assert opens(host, token) == 200

    assert len(found) > 2
    assert set(found) == {4321}


def begin_by_itself(host: Flask, db: SQLAlchemy, journal_mode: str) -> None:
    """Have a host do what SQLAlchemy documents for savepoints on SQLite."""

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


def test_a_host_that_begins_by_itself_keeps_its_tokens(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """Issue 5: with a write-ahead log, as documented, a token is stored."""
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"))
    begin_by_itself(host, db, "wal")
    with host.app_context():
        client = tapauth.register_client("Reports", scopes="orders:read")

    answer = host.test_client().post("/oauth/token", data=grant(client))

    assert answer.status_code == 200
    assert opens(host, answer.get_json()["access_token"]) == 200


def test_a_commit_that_is_refused_is_rolled_back(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """Issue 5: else our connection would lock everybody out until a restart."""
    database = new_database("sqlite")
    host = make_app(SQLALCHEMY_DATABASE_URI=database)
    begin_by_itself(host, db, "delete")  # a writer waits for whoever reads
    with host.app_context():
        client = tapauth.register_client("Reports", scopes="orders:read")

    with closing(
        sqlite3.connect(str(database.database), isolation_level=None)
    ) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM tapauth_token").fetchall()
        answer = host.test_client().post("/oauth/token", data=grant(client))

    assert answer.status_code == 503
    with host.app_context():
        tapauth.register_client("Others")  # reads, and writes


def test_the_hosts_execution_options_hold(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """Issue 5: a schema_translate_map says in which schema the tables are."""
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


def test_an_isolation_level_of_the_hosts_loses_no_token(
    make_app: MakeApp, tapauth: TapAuth, postgresql: sa.URL
) -> None:
    """Issue 5: as an execution option it would take AUTOCOMMIT away."""
    options = {"execution_options": {"isolation_level": "SERIALIZABLE"}}
    host = make_app(
        SQLALCHEMY_DATABASE_URI=postgresql, SQLALCHEMY_ENGINE_OPTIONS=options
    )

    assert opens(host, issue(host, tapauth)) == 200


def test_an_isolation_level_of_a_listeners_loses_no_token(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, postgresql: sa.URL
) -> None:
    """Issue 5: nor does one that is set on each connection."""
    host = make_app(SQLALCHEMY_DATABASE_URI=postgresql)

    def isolate(connection: sa.Connection) -> None:
        connection.execution_options(isolation_level="REPEATABLE READ")

    with host.app_context():
        sa.event.listen(db.engine, "engine_connect", isolate)

    assert opens(host, issue(host, tapauth)) == 200


def test_who_listens_to_a_hosts_statements_hears_ours(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, new_database: NewDatabase
) -> None:
    """Issue 5: and of those that fail, at whatever time he begins to."""
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"))
    token = issue(host, tapauth)
    ran: list[str] = []
    failed: list[str] = []

    def hear(_: object, __: object, statement: str, *___: object) -> None:
        ran.append(statement)

    def hear_of_failure(failure: Any) -> None:
        failed.append(failure.statement)

    with host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", hear)
        sa.event.listen(db.engine, "handle_error", hear_of_failure)
        assert opens(host, token) == 200
        assert (len(ran), failed) == (1, [])

        db.drop_all()
        assert opens(host, token) == 503

    assert failed == ran[:1]
