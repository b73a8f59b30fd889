"""A purge deletes what has expired, and nothing else."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import Registered, grant
from .. import (
    add_expired,
    assertion_model,
    count,
    opens,
)


def test_expired_tokens_are_deleted_and_active_ones_are_kept(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    token: str,
) -> None:
    """`purge_expired` returns the number of rows."""
    add_expired(db, tapauth, registered, 7)

    assert tapauth.tokens.purge() == 7

    assert count(db, tapauth.Token) == 1
    assert opens(http, token)
    assert tapauth.tokens.purge() == 0


def test_a_revoked_token_is_kept_until_it_expires(
    db: SQLAlchemy, tapauth: TapAuth, token: str, registered: Registered
) -> None:
    """Only its row says that it is revoked."""
    tapauth.tokens.revoke_all(client=registered)

    assert tapauth.tokens.purge() == 0
    assert count(db, tapauth.Token) == 1


def test_tokens_that_expired_recently_can_be_kept(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """Somebody who investigates an incident needs them."""
    add_expired(db, tapauth, registered, 2, ago=3000)
    add_expired(db, tapauth, registered, 3, ago=4000)

    assert tapauth.tokens.purge(older_than=3600) == 3
    assert count(db, tapauth.Token) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"older_than": -7200},
        {"older_than": 0.5},
        {"batch_size": 0},
        {"batch_size": 10_001},
        {"batch_size": "5"},
        {"batch_size": None},
    ],
    ids=str,
)
def test_a_wrong_argument_deletes_no_active_token(
    db: SQLAlchemy, tapauth: TapAuth, token: str, wrong: dict[str, Any]
) -> None:
    """A negative age would delete tokens that have not expired."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        tapauth.tokens.purge(**wrong)

    assert count(db, tapauth.Token) == 1


def test_assertions_are_kept_for_a_day_after_they_expire(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """RFC 7523 §3: a `jti` must not be accepted again, even if clocks differ."""
    assertion, now = assertion_model(tapauth), int(time.time())
    for expires_at in (now - 24 * 3600 - 60, now - 60):
        row = {"digest": secrets.token_bytes(32), "expires_at": expires_at}
        db.session.execute(sa.insert(assertion).values(**row))
    db.session.commit()

    assert tapauth.tokens.purge() == 1

    assert db.session.scalars(sa.select(assertion.expires_at)).all() == [now - 60]


def test_a_purge_leaves_no_transaction_open(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """An open transaction would hold up VACUUM."""
    add_expired(db, tapauth, registered, 1)
    tapauth.tokens.purge()

    assert not db.session().in_transaction()
    assert http.post("/oauth/token", data=grant(registered)).status_code == 200


def test_a_purge_commits_the_hosts_pending_work(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """Otherwise the host's changes would be lost."""
    db.session.merge(registered.client).client_name = "Renamed"
    tapauth.tokens.purge()

    db.session.rollback()
    assert app.extensions["tapauth"].clients.get("reports").client_name == "Renamed"
