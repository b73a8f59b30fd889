"""What a fault interrupts is done or not done, and never half."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth.errors import TemporarilyUnavailableError

from ..conftest import MakeApp
from ..services import administering
from .conftest import NewDatabase, NewWire, through
from .two_apps import Grants, status
from .wire import Wire

TABLES = ("client", "family", "refresh_token", "token")


def count_rows(database: sa.URL) -> dict[str, int]:
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(
                f"SELECT count(*) FROM tapauth_{table}"  # noqa: S608 - our own names
            ).scalar_one()
            for table in TABLES
        }


def renew(grants: Grants) -> int:
    renewal = {"grant_type": "refresh_token", "refresh_token": grants.refresh}
    return grants.post("token", **renewal).status_code


@pytest.fixture
def wire(new_wire: NewWire, postgresql: sa.URL) -> Wire:
    return new_wire(postgresql.port or 0)


@pytest.fixture
def host(
    wire: Wire, make_app: MakeApp, db: SQLAlchemy, postgresql: sa.URL
) -> Iterator[Flask]:
    host = make_app(SQLALCHEMY_DATABASE_URI=through(postgresql, wire))
    yield host
    wire.mend()
    with host.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def grants(host: Flask, tapauth: TapAuth, db: SQLAlchemy) -> Grants:
    return Grants(host, tapauth, db)


@pytest.mark.parametrize("statement", ["family", "refresh_token", "token"])
def test_a_grant_is_stored_whole_or_not_at_all(
    grants: Grants, wire: Wire, postgresql: sa.URL, statement: str
) -> None:
    """Issue 5: the database goes while one of its three rows is written."""
    before = count_rows(postgresql)
    wire.cut_on = f"INSERT INTO tapauth_{statement} ".encode()

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    assert wire.is_cut
    assert count_rows(postgresql) == before


def test_a_commit_that_was_not_answered_is_whole_too(
    grants: Grants, wire: Wire, postgresql: sa.URL
) -> None:
    """Issue 5: the caller is refused; what is stored then is a whole grant or none."""
    before = count_rows(postgresql)
    wire.cut_on = b"COMMIT"

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    after = count_rows(postgresql)
    more = {after[table] - before[table] for table in TABLES if table != "client"}
    assert more in ({0}, {1})


@pytest.mark.parametrize(
    "statement", ["UPDATE tapauth_refresh", "INSERT INTO tapauth_token"]
)
def test_a_renewal_that_failed_can_be_repeated(
    grants: Grants, wire: Wire, postgresql: sa.URL, statement: str
) -> None:
    """RFC 9700 §4.14.2: the refresh token is not used up, nor its family revoked."""
    before = count_rows(postgresql)
    wire.cut_on = statement.encode()

    assert renew(grants) == 503
    assert wire.is_cut
    assert count_rows(postgresql) == before

    wire.mend()
    assert renew(grants) == 200


@pytest.mark.parametrize("table", ["refresh_token", "family", "client"])
def test_a_client_is_deleted_whole_or_not_at_all(
    host: Flask, grants: Grants, wire: Wire, postgresql: sa.URL, table: str
) -> None:
    """Issue 5: else a client would be left without its tokens, or the reverse."""
    before = count_rows(postgresql)
    wire.cut_on = b"DELETE FROM tapauth_" + table.encode()

    with pytest.raises(TemporarilyUnavailableError):
        grants.administer(lambda state: state.clients.delete(grants.client))

    assert wire.is_cut
    assert count_rows(postgresql) == before
    wire.mend()
    assert 200 in [status(host, grants.token) for _ in range(2)]


@pytest.fixture
def read_only(postgresql: sa.URL) -> Iterator[Callable[[bool], None]]:
    """Have the database take no writes, as a standby does, or writes again."""

    def switch(on: bool) -> None:
        setting = "SET default_transaction_read_only = on"
        if not on:
            setting = "RESET default_transaction_read_only"
        with administering(postgresql) as server:
            server.exec_driver_sql(f"ALTER DATABASE {postgresql.database} {setting}")

    yield switch
    switch(False)


def test_a_read_only_database_serves_views_and_refuses_the_rest(
    host: Flask,
    db: SQLAlchemy,
    grants: Grants,
    postgresql: sa.URL,
    read_only: Callable[[bool], None],
) -> None:
    """Issue 5: as after a failover to a standby, until there is a primary again."""

    def reconnect() -> None:
        with host.app_context():
            db.engine.dispose()

    read_only(True)
    reconnect()
    before = count_rows(postgresql)

    answers = {
        "view": status(host, grants.token),
        "introspect": grants.post("introspect", token=grants.token).status_code,
        "issue": grants.post("token", grant_type="client_credentials").status_code,
        "renew": renew(grants),
        "revoke": grants.post("revoke", token=grants.token).status_code,
    }

    served = {"view": 200, "introspect": 200}
    assert answers == {**served, "issue": 503, "renew": 503, "revoke": 503}
    assert count_rows(postgresql) == before
    read_only(False)
    reconnect()
    assert renew(grants) == 200


@pytest.fixture
def file(new_database: NewDatabase) -> sa.URL:
    return new_database("sqlite")


@pytest.fixture
def on_file(make_app: MakeApp, file: sa.URL) -> Flask:
    return make_app(
        SQLALCHEMY_DATABASE_URI=file,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 0.1}},
    )


def test_a_full_disk_refuses_what_writes(
    on_file: Flask, tapauth: TapAuth, db: SQLAlchemy, file: sa.URL
) -> None:
    """Issue 5: SQLite's own word for it, by a limit on the pages of the file."""
    grants = Grants(on_file, tapauth, db)
    before = count_rows(file)
    limits = [1]  # that is, what it has by now

    def limit(connection: Any, *_: object) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {limits[0]}")

    with on_file.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", limit)

    # There is some room in the last pages.
    answers = [
        grants.post("token", grant_type="client_credentials").status_code
        for _ in range(60)
    ]

    assert set(answers) <= {200, 503}
    assert answers[-1] == 503
    assert status(on_file, grants.token) == 200
    more = {count_rows(file)[t] - before[t] for t in TABLES if t != "client"}
    assert more == {answers.count(200)}
    limits[0] = 10**6
    assert grants.post("token", grant_type="client_credentials").status_code == 200


def test_a_file_that_is_locked_for_too_long_refuses_what_writes(
    on_file: Flask, tapauth: TapAuth, db: SQLAlchemy, file: sa.URL
) -> None:
    """Issue 5: SQLite has one writer at a time, and readers beside it."""
    grants = Grants(on_file, tapauth, db)
    writer = sqlite3.connect(str(file.database), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    assert status(on_file, grants.token) == 200
    writer.close()
    assert renew(grants) == 200
