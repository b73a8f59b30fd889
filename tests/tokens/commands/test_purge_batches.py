"""A purge runs in batches, next to live traffic and to another purge."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import Registered
from .. import (
    add_expired,
    count,
    family_model,
    get_pair,
    opens,
    refresh_token_model,
    renewed_pair,
    set_all,
)


def test_each_batch_is_a_transaction(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """One large transaction would hold its locks for long."""
    add_expired(db, tapauth, registered, 25)
    done: list[str | int] = []

    def see(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM tapauth_token"):
            done.append(cursor.rowcount)

    sa.event.listen(db.engine, "after_cursor_execute", see)
    sa.event.listen(db.engine, "commit", lambda _: done.append("commit"))
    tapauth.tokens.purge(batch_size=10)

    assert [step for step in done if step != "commit"] == [10, 10, 5]
    after = [done[place + 1] for place, step in enumerate(done) if step != "commit"]
    assert after == ["commit"] * 3


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Any]]:
    """Call a function in another thread, on a connection of its own, and wait."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda work, *arguments: pool.submit(work, *arguments).result(timeout=30)


@contextmanager
def before_each(
    statement: str, db: SQLAlchemy, do: Callable[[], object]
) -> Iterator[None]:
    """Call a function before each statement of this thread that begins like this."""
    purging = threading.get_ident()

    def see(_c: Any, _k: Any, sent: str, *_: Any) -> None:
        if sent.startswith(statement) and threading.get_ident() == purging:
            do()

    sa.event.listen(db.engine, "before_cursor_execute", see)
    yield
    sa.event.remove(db.engine, "before_cursor_execute", see)


def test_live_traffic_goes_on_between_batches(
    app: Flask,
    db: SQLAlchemy,
    tapauth: TapAuth,
    registered: Registered,
    elsewhere: Callable[..., Any],
) -> None:
    """Tokens are issued and checked while a purge runs."""
    http = app.test_client()
    add_expired(db, tapauth, registered, 25)
    access: list[str] = []

    def ask() -> None:
        _, refresh_token = get_pair(http, registered)
        access.append(renewed_pair(http, registered, refresh_token)[0])

    with before_each("SELECT tapauth_token.digest", db, lambda: elsewhere(ask)):
        assert tapauth.tokens.purge(batch_size=10) == 25

    assert len(access) == 4  # before each batch, and before none was left
    assert all(opens(http, token) for token in access)


@pytest.fixture(
    params=["DELETE FROM tapauth_token ", "DELETE FROM tapauth_refresh_token "]
)
def two_purges(
    request: pytest.FixtureRequest,
    app: Flask,
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    elsewhere: Callable[..., Any],
) -> list[int]:
    """Return what two purges at once return, of 21 rows."""
    for _ in range(10):
        get_pair(http, registered)
    set_all(db, family_model(tapauth), expires_at=int(time.time()) - 60)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    add_expired(db, tapauth, registered, 1)
    deleted: list[int] = []

    def purge() -> None:
        with app.app_context():
            deleted.append(tapauth.tokens.purge())

    def overtake() -> None:
        if not deleted:
            elsewhere(purge)

    with before_each(request.param, db, overtake):
        return [tapauth.tokens.purge(), *deleted]


def test_two_purges_at_once_do_no_harm(
    db: SQLAlchemy, tapauth: TapAuth, two_purges: list[int]
) -> None:
    """Rows that another purge has deleted are no error."""
    assert len(two_purges) == 2
    for model in (tapauth.Token, family_model(tapauth), refresh_token_model(tapauth)):
        assert count(db, model) == 0


def test_two_purges_at_once_count_each_row_once(two_purges: list[int]) -> None:
    """Each purge returns the number of rows that it deleted itself."""
    assert sum(two_purges) == 21
