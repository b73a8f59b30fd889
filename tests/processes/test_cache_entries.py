"""What is in the cache is believed for the app it is of, and for nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth._store.tokens import StoredToken

from ..conftest import MakeApp
from .conftest import NewCache, NewDatabase, statements
from .two_apps import Grants, revoke, status, warm


@pytest.fixture
def host(
    make_app: MakeApp, new_database: NewDatabase, new_redis_cache: NewCache
) -> Flask:
    cache = new_redis_cache()
    host = make_app(SQLALCHEMY_DATABASE_URI=new_database("sqlite"), TAPAUTH_CACHE=cache)
    cache.init_app(host)
    return host


def test_another_apps_tokens_open_nothing(
    host: Flask,
    make_app: MakeApp,
    new_database: NewDatabase,
    new_redis_cache: NewCache,
    tapauth: TapAuth,
    db: SQLAlchemy,
) -> None:
    """The contract: two apps share nothing they learned; nor by one Redis."""
    cache = new_redis_cache()
    staging = make_app(
        SQLALCHEMY_DATABASE_URI=new_database("sqlite"), TAPAUTH_CACHE=cache
    )
    cache.init_app(staging)
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    answers = [status(staging, grants.token) for _ in range(3)]

    assert answers == [401] * 3


def test_another_versions_entry_is_no_error(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Issue 5: while a new version is rolled out, both write to the same Redis."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    with host.app_context():
        cache = host.extensions["tapauth"].config.cache
        server, prefix = cache.cache._read_client, cache.cache.key_prefix
        for name in server.scan_iter(f"{prefix}tapauth:*:*:*"):
            key = name.decode().removeprefix(prefix)
            _, *entry = cache.get(key)
            cache.set(key, ("other fields", *entry, None), timeout=60)

    with statements(host, db) as heard:
        assert status(host, grants.token) == 200

    assert len(heard) == 1


def test_another_version_is_told_of_revocations(
    host: Flask,
    make_app: MakeApp,
    new_redis_cache: NewCache,
    tapauth: TapAuth,
    db: SQLAlchemy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue 5: every process refuses on the next request, those of before too."""
    cache = new_redis_cache()
    monkeypatch.setattr(StoredToken, "_fields", (*StoredToken._fields, "new"))
    database = host.config["SQLALCHEMY_DATABASE_URI"]
    newer = make_app(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_CACHE=cache)
    cache.init_app(newer)
    grants = Grants(newer, tapauth, db)
    warm(host, grants)

    token = revoke(grants)

    assert status(host, token) == 401


def test_an_entry_is_of_a_digest_and_has_no_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract (at rest): what a dump gives away must not open anything."""
    grants = Grants(host, tapauth, db)
    warm(host, grants)

    with host.app_context():
        cache = host.extensions["tapauth"].config.cache
        server, prefix = cache.cache._read_client, cache.cache.key_prefix
        names = list(server.scan_iter(f"{prefix}*"))
        dump = b"".join([*names, *(server.get(name) for name in names)])

    assert len(names) == 4
    for secret in (grants.token, grants.renewed, grants.client.client_secret):
        assert str(secret).encode() not in dump
