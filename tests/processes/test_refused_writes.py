"""A database that refuses writes still serves views; the rest is a 503."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from ..services import administering
from .conftest import NewDatabase
from .rows import TABLES, count_rows, renew
from .rows import grants as grants
from .rows import host as host
from .rows import wire as wire
from .two_apps import Grants, status


@pytest.fixture
def read_only(postgresql: sa.URL) -> Iterator[Callable[[bool], None]]:
    """Make the database refuse writes, as a standby does, or accept them again."""

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
    """As after a failover to a standby, until there is a primary again."""

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


def test_a_full_disk_refuses_writes_and_serves_views(
    on_file: Flask, tapauth: TapAuth, db: SQLAlchemy, file: sa.URL
) -> None:
    """SQLite's error for it, by a limit on the pages of the file."""
    grants = Grants(on_file, tapauth, db)
    before = count_rows(file)
    limits = [1]  # the present number of pages

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


def test_a_locked_file_refuses_writes_and_serves_views(
    on_file: Flask, tapauth: TapAuth, db: SQLAlchemy, file: sa.URL
) -> None:
    """SQLite has one writer at a time, and readers beside it."""
    grants = Grants(on_file, tapauth, db)
    writer = sqlite3.connect(str(file.database), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    assert status(on_file, grants.token) == 200
    writer.close()
    assert renew(grants) == 200
