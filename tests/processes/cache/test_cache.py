"""A process caches the tokens it looked up, and forgets those that change."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth._base.keys import generate_key
from flask_tapauth._store import channel_connection, token_cache

from ...conftest import MakeApp
from ...statements import statements
from ..two_apps import CHANGES, Change, Grants, disable, revoke, status, warm
from .conftest import BOUND, Kind, is_cached, is_refused


def test_a_cached_token_costs_no_statement(
    host: Flask, only: Grants, db: SQLAlchemy
) -> None:
    """The cache is for speed."""
    warm(host, only)

    with statements(host, db) as heard:
        answers = [status(host, only.token) for _ in range(5)]

    assert answers == [200] * 5
    assert heard == []


def test_a_cached_token_costs_no_statement_after_a_second(
    host: Flask, only: Grants, db: SQLAlchemy
) -> None:
    """Then the channel is probed, and the database is not asked."""
    warm(host, only)

    time.sleep(1.1)

    assert is_cached(host, db, only.token)


@pytest.mark.parametrize("change", CHANGES)
def test_a_revoked_token_is_refused_on_the_next_request(
    host: Flask, only: Grants, change: Change
) -> None:
    """By the process that revoked it."""
    warm(host, only)

    token = change(only)

    assert [status(host, token) for _ in range(3)] == [401] * 3


@pytest.mark.parametrize("change", CHANGES)
def test_other_processes_refuse_a_revoked_token(
    other: Flask, grants: Grants, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message reaches them before the next probe."""
    monkeypatch.setattr(channel_connection, "PROBE_INTERVAL_SECONDS", 600)
    warm(other, grants)

    token = change(grants)

    assert is_refused(other, token)


def test_one_token_that_is_revoked_leaves_the_others_cached(
    host: Flask, other: Flask, grants: Grants, db: SQLAlchemy
) -> None:
    """A client that signs out must not slow the others down."""
    warm(other, grants)

    revoke(grants)

    assert is_refused(other, grants.token)
    assert is_cached(other, db, grants.personal)


def test_the_tokens_of_a_client_that_is_enabled_again_are_accepted(
    other: Flask, grants: Grants
) -> None:
    """The cache must not keep the disabled state."""
    warm(other, grants)
    disable(grants)
    assert is_refused(other, grants.token)

    grants.administer(lambda state: state.clients.enable(grants.client))

    ends = time.monotonic() + BOUND
    while status(other, grants.token) != 200:
        assert time.monotonic() < ends


def test_a_cached_token_expires_on_time(
    host: Flask, only: Grants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6749 §5.1: the cache must not extend `expires_in`."""
    warm(host, only)
    later = time.time() + 3600

    monkeypatch.setattr(time, "time", lambda: later)

    assert status(host, only.token) == 401


def test_an_unknown_token_is_not_cached(
    host: Flask, only: Grants, db: SQLAlchemy
) -> None:
    """Callers could fill the cache with invented tokens."""
    warm(host, only)
    only.administer(lambda state: state.clients.delete(only.client))

    with statements(host, db) as heard:
        answers = [status(host, only.token) for _ in range(3)]

    assert answers == [401] * 3
    assert len(heard) == 3


def test_raw_sql_is_seen_within_the_timeout(
    kind: Kind, make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """docs/how-to/running/cache.md: none tells the processes of such a change."""
    host = make_app(**kind.settings(), TAPAUTH_CACHE_TIMEOUT=1)
    grants = Grants(host, tapauth, db)
    warm(host, grants)
    with host.app_context():
        db.session.execute(sa.text("UPDATE tapauth_client SET disabled_at = 1"))
        db.session.commit()

    time.sleep(1.1)

    assert status(host, grants.token) == 401


def test_the_cache_is_limited(
    host: Flask, only: Grants, db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/how-to/running/cache.md: a process keeps 20,000 tokens at most."""
    assert token_cache.MAX_ROWS == 20_000
    monkeypatch.setattr(token_cache, "MAX_ROWS", 2)

    warm(host, only)  # `only.token` is the oldest of three

    assert is_cached(host, db, only.personal)
    assert is_cached(host, db, only.renewed)
    assert not is_cached(host, db, only.token)


def test_messages_contain_no_token_and_no_digest(
    host: Flask, only: Grants, heard: Callable[[], list[str]]
) -> None:
    """Others may read the channel."""
    warm(host, only)
    with host.app_context():
        digest = host.extensions["tapauth"].reader.digest_of(only.token)

    revoke(only)

    words = heard()
    assert digest.hex()[:32] in words
    assert not any(only.token in word or digest.hex() in word for word in words)


def test_a_signed_token_is_cached_and_revoked(
    kind: Kind, make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """TAPAUTH_JWT_CHECK_REVOCATION uses the same look-up and cache."""
    settings = {
        **kind.settings(),
        "TAPAUTH_ISSUER": "http://localhost",
        "TAPAUTH_TOKEN_FORMAT": "jwt",
        "TAPAUTH_JWT_KEYS": {"keys": [generate_key("ES256")]},
    }
    host, other = make_app(**settings), make_app(**settings)
    grants = Grants(host, tapauth, db)
    warm(other, grants)
    assert is_cached(other, db, grants.token)

    revoke(grants)

    assert is_refused(other, grants.token)
