"""A purge deletes an expired token family together with its refresh tokens."""

from __future__ import annotations

import time

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import Registered
from .. import (
    count,
    family_model,
    get_pair,
    opens,
    refresh_token_model,
    renew,
    renewed_pair,
    set_all,
)


def test_a_theft_is_detected_after_a_purge(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """RFC 9700 §4.14.2: used refresh tokens are kept until their family expires."""
    _, stolen = get_pair(http, registered)
    _, last = renewed_pair(http, registered, stolen)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)

    assert tapauth.tokens.purge() == 2

    for token in (stolen, last):
        answer = renew(http, registered, token)
        assert answer.get_json()["error"] == "invalid_grant"


def test_a_family_can_be_renewed_after_a_purge(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """A refresh token outlives the access tokens of its family."""
    _, first = get_pair(http, registered)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    tapauth.tokens.purge()

    access, _ = renewed_pair(http, registered, first)

    assert opens(http, access)


def test_an_expired_family_is_deleted_with_all_its_tokens(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """Tokens of other families must be kept."""
    family, refresh = family_model(tapauth), refresh_token_model(tapauth)
    _, token = get_pair(http, registered)
    renewed_pair(http, registered, token)
    for model in (tapauth.Token, family):
        set_all(db, model, expires_at=int(time.time()) - 60)
    access, kept = get_pair(http, registered)

    assert tapauth.tokens.purge()

    assert [count(db, model) for model in (tapauth.Token, family, refresh)] == [1] * 3
    assert opens(http, access)
    assert renew(http, registered, kept).status_code == 200


def test_only_families_that_expired_long_enough_ago_are_counted_and_deleted(
    app: Flask,
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
) -> None:
    """A family that is kept must keep its refresh tokens: they show a reuse."""
    family, refresh = family_model(tapauth), refresh_token_model(tapauth)
    now, tokens = int(time.time()), app.extensions["tapauth"].tokens
    for ago in (4000, 3500, 3000, -60):
        get_pair(http, registered)
        last = sa.select(sa.func.max(family.id)).scalar_subquery()
        last_id = db.session.scalar(sa.select(last))
        db.session.execute(
            sa.update(family)
            .where(family.id == last_id)
            .values(expires_at=now - ago, user_id=str(ago))
        )
        db.session.commit()

    counted = tokens.count_expired(3600), tokens.count_expired(3200)
    deleted = tokens.purge_by_kind(3200, 1)._asdict()

    assert counted == (1, 2)
    assert deleted["refresh_families"] == 2
    assert sum(deleted.values()) == 2
    users = db.session.scalars(sa.select(family.user_id).order_by(family.id)).all()
    assert users == ["3000", "-60"]
    assert count(db, refresh) == 2
