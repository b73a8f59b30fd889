"""PostgreSQL's notifications behind poolers, and connections that hang."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth._store import channel_connection

from ...conftest import MakeApp
from ...ports import HOST
from ...statements import statements
from ..conftest import NewDatabase, backends
from ..two_apps import (
    Grants,
    revoke,
    status,
    warm,
)
from .conftest import (
    Kind,
    becomes_cached,
    is_cached,
    publish,
)


def test_an_attempt_to_connect_that_hangs_is_given_up(
    new_database: NewDatabase,
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise each token would be looked up until a restart."""
    monkeypatch.setattr(channel_connection, "CONNECT_TIMEOUT_SECONDS", 0.2)
    database = new_database("postgresql")
    attempts: list[int] = []
    with socket.create_server((HOST, 0)) as silent:

        def connect() -> Any:
            port = database.port or 0
            if threading.current_thread() is not threading.main_thread():
                attempts.append(port)
                port = silent.getsockname()[1] if len(attempts) == 1 else port
            return psycopg.connect(
                host=HOST,
                port=port,
                user=database.username,
                dbname=database.database,
            )

        host = make_app(
            SQLALCHEMY_DATABASE_URI=database,
            SQLALCHEMY_ENGINE_OPTIONS={"creator": connect},
            TAPAUTH_CACHE="database",
        )
        token = Grants(host, tapauth, db).token

        assert becomes_cached(host, db, token)


class Swallowed(psycopg.Cursor[Any]):
    """A cursor behind a transaction pooler, which ignores LISTEN."""

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        swallowed = str(query).startswith("LISTEN")
        return super().execute("SELECT 1" if swallowed else query, *args, **kwargs)


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_behind_a_transaction_pooler_each_token_is_looked_up(
    kind: Kind,
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A pooler swallows LISTEN, so no message would ever arrive."""
    host = make_app(
        **kind.settings(),
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"cursor_factory": Swallowed}},
    )
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    time.sleep(1.1)

    with statements(host, db) as heard:
        assert [status(host, grants.token) for _ in range(3)] == [200] * 3

    assert len(heard) == 3
    assert "pooler" in caplog.text


class Mute(psycopg.Cursor[Any]):
    """A cursor that publishes nothing."""

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if "pg_notify" in str(query):
            return super().execute("SELECT 1")
        return super().execute(query, *args, **kwargs)


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_a_stranger_cannot_answer_a_probe(
    kind: Kind, make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Only the process itself knows the random text of its probe."""
    host = make_app(
        **kind.settings(),
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"cursor_factory": Mute}},
    )
    grants = Grants(host, tapauth, db)
    is_over = threading.Event()

    def answer() -> None:
        while not is_over.is_set():
            publish(kind, "ask 0123456789abcdef")

    stranger = threading.Thread(target=answer)
    stranger.start()
    ends = time.monotonic() + 1.5
    remembered = False
    while time.monotonic() < ends:
        remembered |= is_cached(host, db, grants.token)
    is_over.set()
    stranger.join()

    assert not remembered


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_the_process_that_revoked_refuses_though_its_channel_is_frozen(
    other: Flask, theirs: Grants, kind: Kind
) -> None:
    """A process must forget its own revoked token without a message."""
    warm(other, theirs)
    kind.wire.stall()

    token = revoke(theirs)

    assert [status(other, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_a_host_that_disposes_of_its_engine_closes_the_channel_too(
    host: Flask, only: Grants, db: SQLAlchemy, kind: Kind
) -> None:
    """A host does so before a fork, or before its tests drop the database."""
    warm(host, only)

    with host.app_context():
        db.engine.dispose()

    ends = time.monotonic() + 5
    while backends(kind.database):
        assert time.monotonic() < ends
        time.sleep(0.05)
