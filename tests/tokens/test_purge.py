"""Purging: what goes, what must stay, and who goes on working meanwhile."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import DATABASE_URL, MakeApp, Register, Registered, grant
from . import (
    REFRESHING,
    add_expired,
    assertion_model,
    count,
    family_model,
    get_pair,
    opens,
    refresh_token_model,
    renew,
    renewed_pair,
    set_all,
)


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path) -> Flask:
    """On a database that several connections share, unlike one in memory."""
    url = DATABASE_URL if DATABASE_URL != "sqlite://" else f"sqlite:///{tmp_path}/db"
    return make_app(SQLALCHEMY_DATABASE_URI=url)


@pytest.fixture
def registered(register: Register) -> Registered:
    return register(client_id="reports", grant_types=REFRESHING)


def test_expired_tokens_go_and_live_ones_stay(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    token: str,
) -> None:
    """The contract: `purge_expired` returns the number of rows."""
    add_expired(db, tapauth, registered, 7)

    assert tapauth.purge_expired() == 7

    assert count(db, tapauth.Token) == 1
    assert opens(http, token)
    assert tapauth.purge_expired() == 0


def test_a_revoked_token_stays_until_it_expires(
    db: SQLAlchemy, tapauth: TapAuth, token: str, registered: Registered
) -> None:
    """The contract: only its row says that it is revoked."""
    tapauth.revoke_client_tokens(registered)

    assert tapauth.purge_expired() == 0
    assert count(db, tapauth.Token) == 1


def test_what_expired_lately_can_be_kept(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """The contract: `older_than`, for those who look into incidents."""
    add_expired(db, tapauth, registered, 2, ago=3000)
    add_expired(db, tapauth, registered, 3, ago=4000)

    assert tapauth.purge_expired(older_than=3600) == 3
    assert count(db, tapauth.Token) == 2


@pytest.mark.parametrize(
    "wrong", [{"older_than": -7200}, {"batch_size": 0}, {"batch_size": 10_001}], ids=str
)
def test_a_wrong_argument_deletes_no_live_token(
    db: SQLAlchemy, tapauth: TapAuth, token: str, wrong: dict[str, int]
) -> None:
    """The contract: what the command refuses, the method does too."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        tapauth.purge_expired(**wrong)

    assert count(db, tapauth.Token) == 1


def test_a_theft_is_detected_after_a_purge(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """RFC 9700 §4.14.2: used refresh tokens stay until their family has expired."""
    _, stolen = get_pair(http, registered)
    _, last = renewed_pair(http, registered, stolen)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)

    assert tapauth.purge_expired() == 2

    for token in (stolen, last):
        answer = renew(http, registered, token)
        assert answer.get_json()["error"] == "invalid_grant"


def test_a_family_goes_on_after_a_purge(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """The contract: a refresh token outlives the access tokens that came with it."""
    _, first = get_pair(http, registered)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    tapauth.purge_expired()

    access, _ = renewed_pair(http, registered, first)

    assert opens(http, access)


def test_an_expired_family_goes_with_all_its_tokens(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """The contract: refresh tokens go with their family, and no other's do."""
    family, refresh = family_model(tapauth), refresh_token_model(tapauth)
    _, token = get_pair(http, registered)
    renewed_pair(http, registered, token)
    for model in (tapauth.Token, family):
        set_all(db, model, expires_at=int(time.time()) - 60)
    access, kept = get_pair(http, registered)

    assert tapauth.purge_expired()

    assert [count(db, model) for model in (tapauth.Token, family, refresh)] == [1] * 3
    assert opens(http, access)
    assert renew(http, registered, kept).status_code == 200


def test_assertions_are_remembered_until_they_expire(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """RFC 7523 §3: the `jti` is kept as long as the assertion would be accepted."""
    assertion, now = assertion_model(tapauth), int(time.time())
    for expires_at in (now - 60, now + 60):
        row = {"digest": secrets.token_bytes(32), "expires_at": expires_at}
        db.session.execute(sa.insert(assertion).values(**row))
    db.session.commit()

    assert tapauth.purge_expired() == 1

    assert db.session.scalars(sa.select(assertion.expires_at)).all() == [now + 60]


def test_each_batch_is_a_transaction(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """The contract: in batches, so that no lock is held for long."""
    add_expired(db, tapauth, registered, 25)
    done: list[str | int] = []

    def see(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM tapauth_token"):
            done.append(cursor.rowcount)

    sa.event.listen(db.engine, "after_cursor_execute", see)
    sa.event.listen(db.engine, "commit", lambda _: done.append("commit"))
    tapauth.purge_expired(batch_size=10)

    assert [step for step in done if step != "commit"] == [10, 10, 5]
    after = [done[place + 1] for place, step in enumerate(done) if step != "commit"]
    assert after == ["commit"] * 3


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Any]]:
    """Do something in another thread, and wait for it: on a connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda work, *arguments: pool.submit(work, *arguments).result(timeout=30)


@contextmanager
def before_each(
    statement: str, db: SQLAlchemy, do: Callable[[], object]
) -> Iterator[None]:
    """Do something each time that this thread is about to send such a statement."""
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
    """The contract: it is safe beside live traffic; tokens are issued and checked."""
    http = app.test_client()
    add_expired(db, tapauth, registered, 25)
    access: list[str] = []

    def ask() -> None:
        _, refresh_token = get_pair(http, registered)
        access.append(renewed_pair(http, registered, refresh_token)[0])

    with before_each("SELECT tapauth_token.digest", db, lambda: elsewhere(ask)):
        assert tapauth.purge_expired(batch_size=10) == 25

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
    """What two purges return of 21 rows to count, one faster than the other."""
    for _ in range(10):
        get_pair(http, registered)
    set_all(db, family_model(tapauth), expires_at=int(time.time()) - 60)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    add_expired(db, tapauth, registered, 1)
    deleted: list[int] = []

    def purge() -> None:
        with app.app_context():
            deleted.append(tapauth.purge_expired())

    def overtake() -> None:
        if not deleted:
            elsewhere(purge)

    with before_each(request.param, db, overtake):
        return [tapauth.purge_expired(), *deleted]


def test_two_purges_at_once_do_no_harm(
    db: SQLAlchemy, tapauth: TapAuth, two_purges: list[int]
) -> None:
    """The contract: rows that another purge deletes at the same time are no error."""
    assert len(two_purges) == 2
    for model in (tapauth.Token, family_model(tapauth), refresh_token_model(tapauth)):
        assert count(db, model) == 0


def test_two_purges_at_once_count_each_row_once(two_purges: list[int]) -> None:
    """The contract: each returns how many rows it deleted."""
    assert sum(two_purges) == 21


def test_the_session_is_the_hosts_again(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """The contract: it commits `db.session`, and leaves no transaction open."""
    add_expired(db, tapauth, registered, 1)
    tapauth.purge_expired()

    assert not db.session().in_transaction()
    assert http.post("/oauth/token", data=grant(registered)).status_code == 200


def test_what_the_host_had_not_committed_is_not_lost(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """The contract: `purge_expired` commits `db.session`."""
    db.session.merge(registered.client).client_name = "Renamed"
    tapauth.purge_expired()

    db.session.rollback()
    assert app.extensions["tapauth"].clients.get("reports").client_name == "Renamed"
