"""Apps with a cache, and the channel between their processes."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from ...ports import HOST
from ...services import REDIS_PORT, is_listening, skip_outside_ci
from ...statements import statements
from ..conftest import NewDatabase, NewWire
from ..two_apps import Grants, status
from ..wire import Wire

BOUND = 2.0
"""Seconds until a revoked token is refused, whatever happens to the channel."""


@dataclass(frozen=True)
class Kind:
    """A value of ``TAPAUTH_CACHE``, with its servers.

    :ivar database: the database with the tokens.
    :ivar wire: carries the channel of an app that is made with ``by_wire=True``; the
        app reaches its tokens without it.
    :ivar name: the client name of this test's connections to Redis.
    """

    cache: str
    database: sa.URL
    wire: Wire
    name: str

    def settings(self, *, by_wire: bool = False) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "SQLALCHEMY_DATABASE_URI": self.database,
            "TAPAUTH_CACHE": self.cache,
        }
        if self.cache != "database":
            port = self.wire.port if by_wire else REDIS_PORT
            settings["TAPAUTH_CACHE"] = (
                f"redis://{HOST}:{port}/0?client_name={self.name}"
            )
        elif by_wire:
            settings["SQLALCHEMY_ENGINE_OPTIONS"] = {"creator": self._connect}
        return settings

    def _connect(self) -> Any:
        # The channel connects in a thread of its own.
        is_channel = threading.current_thread() is not threading.main_thread()
        return psycopg.connect(
            host=HOST,
            port=self.wire.port if is_channel else self.database.port,
            user=self.database.username,
            dbname=self.database.database,
        )


@pytest.fixture(params=["database", "redis"])
def kind(
    request: pytest.FixtureRequest, new_database: NewDatabase, new_wire: NewWire
) -> Kind:
    name = f"tapauth_{secrets.token_hex(8)}"
    if request.param == "database":
        database = new_database("postgresql")
        return Kind("database", database, new_wire(database.port or 0), name)
    # redis-py would try for seconds to reach a server that is not there.
    if not is_listening(REDIS_PORT):
        skip_outside_ci("Redis is out of reach")
    return Kind("redis", new_database("sqlite"), new_wire(REDIS_PORT), name)


@pytest.fixture
def host(kind: Kind, make_app: MakeApp) -> Flask:
    return make_app(**kind.settings())


@pytest.fixture
def other(host: Flask, kind: Kind, make_app: MakeApp) -> Flask:
    """Another process: it has a cache and a channel of its own, over the wire."""
    return make_app(**kind.settings(by_wire=True))


@pytest.fixture
def grants(host: Flask, other: Flask, tapauth: TapAuth, db: SQLAlchemy) -> Grants:
    """The tokens of a client, issued after both apps made their tables."""
    return Grants(host, tapauth, db)


@pytest.fixture
def theirs(host: Flask, other: Flask, tapauth: TapAuth, db: SQLAlchemy) -> Grants:
    """The tokens of a client, issued by the other process."""
    return Grants(other, tapauth, db)


@pytest.fixture
def only(host: Flask, tapauth: TapAuth, db: SQLAlchemy) -> Grants:
    """The tokens of a client of the only process."""
    return Grants(host, tapauth, db)


@pytest.fixture
def heard(kind: Kind) -> Iterator[Callable[[], list[str]]]:
    """Return the messages that were published on the channel."""
    if kind.cache == "database":
        with psycopg.connect(
            host=HOST, user="postgres", dbname=kind.database.database, autocommit=True
        ) as listener:
            listener.execute("LISTEN tapauth")
            yield lambda: [each.payload for each in listener.notifies(timeout=0.3)]
        return
    with redis.Redis(port=REDIS_PORT) as server, server.pubsub() as subscription:
        subscription.subscribe("tapauth")
        subscription.get_message(timeout=1)

        def hear() -> list[str]:
            words = []
            while message := subscription.get_message(timeout=0.3):
                words.append(message["data"].decode())
            return words

        yield hear


def publish(kind: Kind, message: str) -> None:
    """Publish a message, as anybody can who reaches the channel."""
    if kind.cache == "database":
        with psycopg.connect(
            host=HOST, user="postgres", dbname=kind.database.database, autocommit=True
        ) as connection:
            connection.execute("SELECT pg_notify('tapauth', %s)", (message,))
        return
    with redis.Redis(port=REDIS_PORT) as server:
        server.publish("tapauth", message)


def is_cached(host: Flask, db: SQLAlchemy, token: str) -> bool:
    """Tell whether a valid token costs no statement."""
    with statements(host, db) as heard:
        assert status(host, token) == 200
    return heard == []


def becomes_cached(host: Flask, db: SQLAlchemy, token: str) -> bool:
    """Wait until a broken channel is back, and tell whether it is."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if is_cached(host, db, token):
            return True
        time.sleep(0.05)
    return False


def is_refused(host: Flask, token: str) -> bool:
    """Tell whether a token is refused within `BOUND` seconds, and from then on."""
    ends = time.monotonic() + BOUND
    while status(host, token) == 200:
        if time.monotonic() > ends:
            return False
    return [status(host, token) for _ in range(3)] == [401] * 3
