"""While the channel is broken, tokens are looked up and revocations are seen."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest
import redis
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ...ports import HOST
from ...services import REDIS_PORT
from ..two_apps import (
    Change,
    Grants,
    disable,
    revoke,
    revoke_persons,
    status,
    warm,
)
from .conftest import (
    Kind,
    becomes_cached,
    is_cached,
    is_refused,
    publish,
)

BROKEN = "TAPAUTH_CACHE: the channel is broken"


def kill(kind: Kind) -> None:
    """End the connection that listens, on the server."""
    if kind.cache == "database":
        with psycopg.connect(
            host=HOST, user="postgres", dbname=kind.database.database, autocommit=True
        ) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%'"
            )
        return
    with redis.Redis(port=REDIS_PORT) as server:
        for client in server.client_list():
            if client["name"] == kind.name:
                server.client_kill_filter(client["id"])


def cut(kind: Kind) -> None:
    kind.wire.cut()


def freeze(kind: Kind) -> None:
    kind.wire.stall()


FAULTS = pytest.mark.parametrize("fault", [kill, cut, freeze])


@FAULTS
@pytest.mark.parametrize("change", [revoke, disable])
def test_a_token_revoked_while_the_channel_is_broken_is_refused_in_time(
    other: Flask,
    grants: Grants,
    kind: Kind,
    fault: Callable[[Kind], None],
    change: Change,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """docs/explanation/security.md: within two seconds."""
    warm(other, grants)

    fault(kind)
    token = change(grants)

    assert is_refused(other, token)
    time.sleep(1.1)
    status(other, token)
    assert BROKEN in caplog.text
    assert grants.token not in caplog.text


@FAULTS
def test_callers_do_not_notice_a_broken_channel(
    other: Flask, grants: Grants, kind: Kind, fault: Callable[[Kind], None]
) -> None:
    """Each token is looked up in the database until the channel is back."""
    warm(other, grants)

    fault(kind)

    ends = time.monotonic() + 2.5
    while time.monotonic() < ends:
        began = time.monotonic()
        assert status(other, grants.token) == 200
        assert time.monotonic() - began < 2


@FAULTS
def test_the_channel_comes_back_by_itself(
    other: Flask,
    grants: Grants,
    db: SQLAlchemy,
    kind: Kind,
    fault: Callable[[Kind], None],
) -> None:
    """No restart is needed."""
    warm(other, grants)
    fault(kind)
    time.sleep(1.1)
    assert not is_cached(other, db, grants.token)
    before = revoke(grants)

    kind.wire.mend()

    assert becomes_cached(other, db, grants.personal)
    assert [status(other, before) for _ in range(3)] == [401] * 3
    after = revoke_persons(grants)
    assert is_refused(other, after)


@pytest.mark.parametrize("word", ["junk", "", "all", "x" * 33, "ask"])
def test_an_unknown_message_empties_the_cache(
    host: Flask, only: Grants, db: SQLAlchemy, kind: Kind, word: str
) -> None:
    """To forget too much is safe."""
    warm(host, only)

    publish(kind, word)

    ends = time.monotonic() + 2
    while is_cached(host, db, only.token):
        assert time.monotonic() < ends
