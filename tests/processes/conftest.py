"""Databases of the tests' own, wires to their servers, and caches."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from ..ports import HOST
from ..services import administering, own_database, skip_outside_ci
from .wire import Wire

NewDatabase = Callable[[str], sa.URL]
NewWire = Callable[[int], Wire]
NewCache = Callable[..., Cache]

REDIS_PORT = 6379
ROOT = Path(__file__).parents[2]

# A process that is cut off must notice, whatever the machine's own defaults are.
IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}


@pytest.fixture(scope="package")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Make an empty database on a server, or in a file."""
    with ExitStack() as made:

        def make(kind: str) -> sa.URL:
            directory = tmp_path_factory.mktemp("database")
            return made.enter_context(own_database(kind, directory))

        yield make


@pytest.fixture(scope="package")
def postgresql(new_database: NewDatabase) -> sa.URL:
    return new_database("postgresql")


@pytest.fixture
def new_wire() -> Iterator[NewWire]:
    """Lay a wire to the port of a server."""
    laid: list[Wire] = []

    def lay(port: int) -> Wire:
        laid.append(Wire(port))
        return laid[-1]

    yield lay
    for wire in laid:
        wire.close()


@pytest.fixture
def redis_prefix() -> Iterator[str]:
    """What the keys of a test start with in Redis."""
    with redis_keys() as prefix:
        yield prefix


@pytest.fixture
def new_redis_cache(redis_prefix: str) -> NewCache:
    """Make a Flask-Caching on Redis; all of one test have their entries in common."""

    def make(port: int = REDIS_PORT) -> Cache:
        return Cache(
            config={
                "CACHE_TYPE": "RedisCache",
                "CACHE_REDIS_URL": f"redis://{HOST}:{port}/0",
                "CACHE_KEY_PREFIX": redis_prefix,
                "CACHE_OPTIONS": dict(IMPATIENT),
            }
        )

    return make


@contextmanager
def redis_keys() -> Iterator[str]:
    """What our keys in Redis start with; they are gone afterwards."""
    prefix = f"tapauth_processes_{secrets.token_hex(8)}:"
    with redis.Redis(port=REDIS_PORT) as server:
        try:
            server.ping()
        except redis.ConnectionError:
            skip_outside_ci("Redis is out of reach")
        yield prefix
        for key in server.scan_iter(f"{prefix}*"):
            server.delete(key)


@contextmanager
def statements(
    host: Flask, db: SQLAlchemy, bind_key: str | None = None
) -> Iterator[list[str]]:
    """Hear every statement that goes to a database of an app."""
    heard: list[str] = []

    def hear(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    with host.app_context():
        engine = db.engines[bind_key]
    sa.event.listen(engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(engine, "before_cursor_execute", hear)


def through(url: sa.URL, wire: Wire) -> sa.URL:
    """The same database, at the other end of a wire."""
    return url.set(port=wire.port)


def backends(url: sa.URL) -> list[tuple[int, str]]:
    """The connections of a PostgreSQL database: process ids and states."""
    question = "SELECT pid, state FROM pg_stat_activity WHERE datname = %s"
    with administering(url) as server:
        rows = server.exec_driver_sql(question, (url.database,))
        return [(pid, state) for pid, state in rows]


def terminate_backends(url: sa.URL, but: int = 0) -> int:
    """End all connections of a PostgreSQL database, as a restart does.

    :param but: the process id of one that stays.
    """
    order = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> %s"
    )
    with administering(url) as server:
        return len(server.exec_driver_sql(order, (url.database, but)).all())


def new_environment(**variables: str) -> dict[str, str]:
    """What servers are started with: our Python and package, no one's settings."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"]
    return {"PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), **variables}
