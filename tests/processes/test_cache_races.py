"""A look-up that read the database before a revocation must not win over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from .conftest import NewCache, NewDatabase
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


class Late:
    """A cache to which what was looked up comes late: something happens before.

    :ivar before: what happens, once, just before an entry is added.
    :ivar is_due: tells by an entry's key whether that is the moment.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.before: Callable[[], object] | None = None
        self.is_due: Callable[[str], bool] = lambda _: True

    def add(self, key: str, value: Any, timeout: int | None = None) -> Any:
        if self.before is not None and self.is_due(key):
            before, self.before = self.before, None
            before()
        return self.cache.add(key, value, timeout=timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cache, name)


def is_an_epochs(key: str) -> bool:
    return key.endswith(":epoch")


BEFORE_AND_AFTER_THE_EPOCH = pytest.mark.parametrize(
    "is_due",
    [is_an_epochs, lambda key: not is_an_epochs(key)],
    ids=["before the epoch", "after it"],
)


@pytest.fixture(params=["SimpleCache", "RedisCache"])
def cache(request: pytest.FixtureRequest) -> Cache:
    if request.param == "SimpleCache":
        return Cache(config={"CACHE_TYPE": "SimpleCache"})
    new_redis_cache: NewCache = request.getfixturevalue("new_redis_cache")
    return new_redis_cache()


@pytest.fixture
def late(cache: Cache) -> Late:
    return Late(cache)


@pytest.fixture
def host(make_app: MakeApp, new_database: NewDatabase, late: Late) -> Flask:
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"), TAPAUTH_CACHE=late)
    late.cache.init_app(host)
    return host


@pytest.mark.parametrize("change", CHANGES)
def test_a_look_up_from_before_a_revocation_is_not_believed(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, late: Late, change: Change
) -> None:
    """Issue 5: it read the row before, and writes to the cache after."""
    warm(host, Grants(host, tapauth, db))  # begins an epoch
    grants = Grants(host, tapauth, db)
    taken: list[str] = []
    late.before = lambda: taken.append(change(grants))

    status(host, getattr(grants, CHANGES[change]))

    [token] = taken
    assert [status(host, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("change", CHANGES)
def test_nor_is_it_where_the_epoch_ends_as_it_reads(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    change: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue 5: the epoch counts that there was before the database was read."""
    warm(host, Grants(host, tapauth, db))  # begins an epoch
    grants = Grants(host, tapauth, db)
    tokens = host.extensions["tapauth"].store.tokens
    look_up, taken = tokens._look_up, []

    def look_up_before(digest: bytes) -> Any:
        row = look_up(digest)
        monkeypatch.undo()
        taken.append(change(grants))
        return row

    monkeypatch.setattr(tokens, "_look_up", look_up_before)

    status(host, getattr(grants, CHANGES[change]))

    [token] = taken
    assert [status(host, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("change", CHANGES)
@BEFORE_AND_AFTER_THE_EPOCH
def test_nor_is_it_where_no_epoch_was(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    late: Late,
    change: Change,
    is_due: Callable[[str], bool],
) -> None:
    """Issue 5: in an empty cache the look-up begins an epoch, or the change does."""
    grants = Grants(host, tapauth, db)
    taken: list[str] = []
    late.is_due = is_due
    late.before = lambda: taken.append(change(grants))

    status(host, getattr(grants, CHANGES[change]))

    [token] = taken
    assert [status(host, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("change", [revoke, disable])
@BEFORE_AND_AFTER_THE_EPOCH
def test_a_look_up_that_outlives_an_emptied_cache_is_not_believed(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    late: Late,
    change: Change,
    is_due: Callable[[str], bool],
) -> None:
    """Issue 5: an epoch that is evicted in between takes its entries along."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    with host.app_context():
        late.cache.clear()

    taken: list[str] = []

    def change_and_evict() -> None:
        taken.append(change(grants))
        forget_epoch(host)

    late.is_due = is_due
    late.before = change_and_evict

    status(host, grants.token)

    assert taken
    assert [status(host, grants.token) for _ in range(3)] == [401] * 3
