"""A cache that is down costs speed, not safety."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth._store import memory

from ..conftest import MakeApp
from ..ports import HOST
from .conftest import REDIS_PORT, NewCache, NewDatabase, NewWire, statements
from .two_apps import CHANGES, Change, Grants, disable, revoke, status, warm
from .wire import Wire


class Broken:
    """A cache that raises whatever it likes."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_many(self, *keys: str) -> Any:
        raise self._error

    get = add = set = get_many


@pytest.fixture
def database(new_database: NewDatabase) -> sa.URL:
    return new_database("sqlite")


@pytest.fixture
def wire(new_wire: NewWire) -> Wire:
    return new_wire(REDIS_PORT)


@pytest.fixture
def host(
    wire: Wire, make_app: MakeApp, database: sa.URL, new_redis_cache: NewCache
) -> Flask:
    return cached(make_app, database, new_redis_cache(wire.port))


@pytest.fixture
def other(
    host: Flask, make_app: MakeApp, database: sa.URL, new_redis_cache: NewCache
) -> Flask:
    """Another process, which Redis is never cut off from."""
    return cached(make_app, database, new_redis_cache())


def cached(make_app: MakeApp, database: sa.URL, cache: Any) -> Flask:
    host = make_app(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_CACHE=cache)
    if isinstance(cache, Cache):
        cache.init_app(host)
    return host


def entries(host: Flask, prefix: str) -> list[int]:
    """The seconds for which each entry about a token lives on in Redis."""
    with host.app_context():
        server: Any = host.extensions["tapauth"].config.cache.cache._read_client
        keys = server.scan_iter(f"{prefix}tapauth:*:*:*")
        return [server.ttl(key) for key in keys]


@pytest.mark.parametrize("change", CHANGES)
def test_all_works_where_redis_cannot_be_reached(
    make_app: MakeApp,
    database: sa.URL,
    new_redis_cache: NewCache,
    tapauth: TapAuth,
    db: SQLAlchemy,
    change: Change,
) -> None:
    """Issue 5: a cache that is down costs look-ups; what is taken back is refused."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        host = cached(make_app, database, new_redis_cache(closed.getsockname()[1]))
        grants = Grants(host, tapauth, db)
        warm(host, grants)

        token = change(grants)

        assert status(host, token) == 401


@pytest.mark.parametrize("error", [RuntimeError(), OSError(), KeyError(), TypeError()])
@pytest.mark.parametrize("change", [revoke, disable])
def test_all_works_whatever_the_cache_raises(
    make_app: MakeApp,
    database: sa.URL,
    tapauth: TapAuth,
    db: SQLAlchemy,
    error: Exception,
    change: Change,
) -> None:
    """Issue 5: what a backend raises is its own; there is no list of it."""
    host = cached(make_app, database, Broken(error))
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    token = change(grants)

    assert status(host, token) == 401


@pytest.mark.parametrize("fault", [Wire.cut, Wire.stall])
def test_redis_gone_in_mid_flight_is_not_noticed_by_callers(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    wire: Wire,
    fault: Callable[[Wire], None],
) -> None:
    """Issue 5: connections reset, or a server that answers no more."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    fault(wire)

    assert status(host, grants.token) == 200
    assert status(host, grants.renewed) == 200


def test_a_cache_that_failed_is_left_alone_for_a_while(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, wire: Wire
) -> None:
    """Issue 5: not every request waits for a time-out."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    wire.cut()
    status(host, grants.token)
    wire.mend()
    wire.sent = b""

    with statements(host, db) as heard:
        assert [status(host, grants.token) for _ in range(3)] == [200] * 3

    assert len(heard) == 3
    assert wire.sent == b""


def test_a_cache_that_is_back_is_used_again(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue 5: recovery without a restart."""
    monkeypatch.setattr(memory, "_PAUSE_SECONDS", 0.0)
    grants = Grants(host, tapauth, db)
    wire.cut()
    status(host, grants.token)

    wire.mend()
    warm(host, grants)

    with statements(host, db) as heard:
        assert status(host, grants.token) == 200
    assert heard == []


@pytest.mark.parametrize("change", CHANGES)
def test_the_process_that_is_cut_off_refuses_what_it_took_back(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, wire: Wire, change: Change
) -> None:
    """Issue 5: it asks the database, which knows."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    wire.cut()

    token = change(grants)

    assert [status(host, token) for _ in range(2)] == [401] * 2


def test_what_the_cache_was_not_told_is_logged_and_ends_with_its_entry(
    host: Flask,
    other: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    wire: Wire,
    redis_prefix: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Issue 5: then it is as if the cache were not shared: within the timeout."""
    grants = Grants(host, tapauth, db)
    warm(other, grants)
    wire.cut()

    revoke(grants)

    assert "The cache cannot be told of a revocation" in caplog.text
    assert grants.token not in caplog.text
    lives = entries(other, redis_prefix)
    assert len(lives) == 3
    assert all(0 < seconds <= 60 for seconds in lives)


def test_an_entry_that_was_half_written_ends_too(
    host: Flask,
    other: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    wire: Wire,
    redis_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue 5: within the timeout, though Redis was not told to forget it."""
    warm(other, Grants(other, tapauth, db))  # begins an epoch
    grants = Grants(host, tapauth, db)
    wire.cut_on = b"SETNX"
    assert status(host, grants.token) == 200
    assert -1 in entries(other, redis_prefix)  # for ever
    revoke(grants)  # which Redis is not told either
    within, later = status(other, grants.token), time.time() + 61

    monkeypatch.setattr(time, "time", lambda: later)

    assert (within, status(other, grants.token)) == (200, 401)
