"""A cache takes look-ups off the database, and forgets what was taken back."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from .conftest import NewCache, NewDatabase, statements
from .two_apps import (
    CHANGES,
    Change,
    Grants,
    disable,
    forget_epoch,
    revoke,
    status,
    warm,
)


@pytest.fixture
def database(new_database: NewDatabase) -> sa.URL:
    return new_database("sqlite")


@pytest.fixture(params=["SimpleCache", "RedisCache"])
def new_cache(request: pytest.FixtureRequest) -> NewCache:
    if request.param == "SimpleCache":
        return lambda: Cache(config={"CACHE_TYPE": "SimpleCache"})
    made: NewCache = request.getfixturevalue("new_redis_cache")
    return made


def cached(make_app: MakeApp, database: sa.URL, cache: Cache, timeout: int) -> Flask:
    host = make_app(
        SQLALCHEMY_DATABASE_URI=database,
        TAPAUTH_CACHE=cache,
        TAPAUTH_CACHE_TIMEOUT=timeout,
    )
    cache.init_app(host)
    return host


@pytest.fixture
def host(make_app: MakeApp, database: sa.URL, new_cache: NewCache) -> Flask:
    return cached(make_app, database, new_cache(), 60)


@pytest.fixture
def other(
    host: Flask, make_app: MakeApp, database: sa.URL, new_redis_cache: NewCache
) -> Flask:
    """Another process, on the same database and the same Redis."""
    return cached(make_app, database, new_redis_cache(), 60)


def test_a_remembered_token_costs_no_statement(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Issue 5: a cache takes token look-ups off the database."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    with statements(host, db) as heard:
        answers = [status(host, grants.token) for _ in range(5)]

    assert answers == [200] * 5
    assert heard == []


def test_what_another_process_remembered_serves_too(
    make_app: MakeApp,
    database: sa.URL,
    new_redis_cache: NewCache,
    tapauth: TapAuth,
    db: SQLAlchemy,
) -> None:
    """Issue 5: one look-up serves all processes, but for the first request of each."""
    hosts = [cached(make_app, database, new_redis_cache(), 60) for _ in range(2)]
    first, second = (Grants(host, tapauth, db) for host in hosts)
    warm(hosts[0], first)
    warm(hosts[1], second)

    with statements(hosts[1], db) as heard:
        assert status(hosts[1], first.token) == 200

    assert heard == []


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_back_opens_nothing_more(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, change: Change
) -> None:
    """Issue 5: seen at once by the process that did it, whatever the cache."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    token = change(grants)

    assert [status(host, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("new_cache", ["RedisCache"], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_other_processes_see_it_at_once_where_the_cache_is_shared(
    host: Flask, other: Flask, tapauth: TapAuth, db: SQLAlchemy, change: Change
) -> None:
    """Issue 5: on the next request, by every process."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    warm(other, grants)

    token = change(grants)

    assert [status(other, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("change", [revoke, disable])
def test_other_processes_see_it_within_the_timeout_where_it_is_not_shared(
    make_app: MakeApp,
    database: sa.URL,
    tapauth: TapAuth,
    db: SQLAlchemy,
    change: Change,
) -> None:
    """Issue 5: TAPAUTH_CACHE_TIMEOUT is how long what was taken back may serve."""
    host, other = (
        cached(make_app, database, Cache(config={"CACHE_TYPE": "SimpleCache"}), 1)
        for _ in range(2)
    )
    grants = Grants(host, tapauth, db)
    warm(other, grants)

    token = change(grants)
    time.sleep(1.1)

    assert status(other, token) == 401


def test_a_client_that_is_enabled_again_is_let_in(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: a disabled client is shut out until it is enabled again."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    disable(grants)
    assert status(host, grants.token) == 401

    grants.administer(lambda state: state.clients.enable(grants.client))

    assert status(host, grants.token) == 200


def test_a_remembered_token_expires_on_time(
    make_app: MakeApp,
    database: sa.URL,
    new_cache: NewCache,
    tapauth: TapAuth,
    db: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 6749 §5.1 (expires_in): the cache makes no token live longer."""
    host = cached(make_app, database, new_cache(), 7200)
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    later = time.time() + 3600

    monkeypatch.setattr(time, "time", lambda: later)
    with statements(host, db) as heard:
        answer = status(host, grants.token)

    assert answer == 401
    assert heard == []


@pytest.mark.parametrize("change", [revoke, disable])
def test_a_cache_that_was_emptied_brings_nothing_back(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, change: Change
) -> None:
    """Issue 5: an epoch that is missing or evicted costs a look-up, and no safety."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    token = change(grants)

    forget_epoch(host)

    assert [status(host, token) for _ in range(3)] == [401] * 3


def test_an_unknown_token_is_not_remembered(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Issue 5: else callers could fill the cache with what they made up."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    grants.administer(lambda state: state.clients.delete(grants.client))

    with statements(host, db) as heard:
        answers = [status(host, grants.token) for _ in range(3)]

    assert answers == [401] * 3
    assert len(heard) == 3
