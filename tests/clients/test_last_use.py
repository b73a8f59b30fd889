"""`last_used_at` shows which clients nobody uses any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import DATABASE_URL, MakeApp, Registered, bearer, grant
from ..statements import statements
from ..tokens import set_all

LastUse = Callable[[], int | None]


@pytest.fixture
def app(make_app: MakeApp, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """On a database of several connections, as a server has."""
    url = DATABASE_URL
    if url == "sqlite://":
        url = f"sqlite:///{tmp_path_factory.mktemp('database')}/host.db"
    return make_app(SQLALCHEMY_DATABASE_URI=url)


@pytest.fixture
def last_use(db: SQLAlchemy, tapauth: TapAuth, registered: Registered) -> LastUse:
    return lambda: tapauth.clients.get(registered).last_used_at


def test_a_new_client_was_never_used(last_use: LastUse) -> None:
    """Null, and not the time of its registration."""
    assert last_use() is None


def test_a_token_that_is_issued_is_a_use(
    http: FlaskClient, registered: Registered, last_use: LastUse
) -> None:
    """It is written in the transaction of the token."""
    http.post("/oauth/token", data=grant(registered))

    assert abs((last_use() or 0) - time.time()) < 5


def test_a_long_lived_token_is_a_use_when_it_is_used(
    http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, token: str, last_use: LastUse
) -> None:
    """A token may live for a year: its client asks for no other."""
    set_all(db, tapauth.Client, last_used_at=int(time.time()) - 3600)

    assert http.get("/whoami", headers=bearer(token)).status_code == 200

    assert abs((last_use() or 0) - time.time()) < 5


def test_the_time_is_written_every_five_minutes_at_most(
    app: Flask,
    http: FlaskClient,
    db: SQLAlchemy,
    tapauth: TapAuth,
    token: str,
    last_use: LastUse,
) -> None:
    """A busy client would cost a write for each request."""
    then = int(time.time()) - 200
    set_all(db, tapauth.Client, last_used_at=then)

    with statements(app, db) as sent:
        http.get("/whoami", headers=bearer(token))

    assert last_use() == then
    assert not any("UPDATE" in statement for statement in sent)


def test_a_refused_token_is_no_use(
    http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, token: str, last_use: LastUse
) -> None:
    """A leaked token of a retired client must not keep the client alive."""
    set_all(db, tapauth.Client, last_used_at=None)
    set_all(db, tapauth.Token, revoked_at=1)

    http.get("/whoami", headers=bearer(token))

    assert last_use() is None


@pytest.mark.usefixtures("app")
def test_unused_clients_are_listed(db: SQLAlchemy, tapauth: TapAuth) -> None:
    """`clients list --unused 90d`: a client that is new is not unused yet."""
    day = 24 * 3600
    now = int(time.time())
    for name, created, used in (
        ("new", now, None),
        ("never", now - 100 * day, None),
        ("long ago", now - 300 * day, now - 91 * day),
        ("lately", now - 300 * day, now - 89 * day),
    ):
        client = tapauth.clients.create(name).client
        client.created_at, client.last_used_at = created, used
    db.session.commit()

    found = tapauth.clients.list(unused=timedelta(days=90))

    assert [client.client_name for client in found] == ["never", "long ago"]


@pytest.mark.usefixtures("app")
def test_expiring_clients_are_listed(db: SQLAlchemy, tapauth: TapAuth) -> None:
    """`clients list --expiring 14d`; what has expired already is listed too."""
    day = 24 * 3600
    now = int(time.time())
    for name, expires in (
        ("never", None),
        ("soon", now + 13 * day),
        ("later", now + 15 * day),
        ("over", now - day),
    ):
        tapauth.clients.create(name).client.secret_expires_at = expires
    db.session.commit()

    found = tapauth.clients.list(expiring=14 * day)

    assert [client.client_name for client in found] == ["soon", "over"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("active", ["active"]),
        ("disabled", ["disabled", "both"]),
        ("expired", ["expired"]),
        (None, ["active", "disabled", "both", "expired"]),
    ],
)
@pytest.mark.usefixtures("app")
def test_clients_are_listed_by_state(
    db: SQLAlchemy, tapauth: TapAuth, state: str | None, expected: list[str]
) -> None:
    """The state that `clients show` prints."""
    for name in ("active", "disabled", "both", "expired"):
        client = tapauth.clients.create(name).client
        client.disabled_at = 1 if name in ("disabled", "both") else None
        client.secret_expires_at = 1 if name in ("expired", "both") else None
    db.session.commit()

    found = tapauth.clients.list(state=state)  # type: ignore[arg-type]

    assert [client.client_name for client in found] == expected
    assert len(tapauth.clients.list(limit=2)) == 2


def test_a_client_that_still_uses_its_old_secret_is_seen(
    http: FlaskClient, tapauth: TapAuth, registered: Registered
) -> None:
    """In the grace time one sees who has not moved to the new secret."""
    rotated = tapauth.clients.rotate_secret(registered, grace=timedelta(hours=1))

    http.post("/oauth/token", data=grant(rotated))
    assert tapauth.clients.get(registered).previous_secret_used_at is None

    assert http.post("/oauth/token", data=grant(registered)).status_code == 200
    used = tapauth.clients.get(registered).previous_secret_used_at
    assert abs((used or 0) - time.time()) < 5

    tapauth.clients.rotate_secret(registered, grace=60)
    assert tapauth.clients.get(registered).previous_secret_used_at is None
