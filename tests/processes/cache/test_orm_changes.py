"""The cache notices what a host changes through SQLAlchemy's ORM."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from flask_tapauth import TapAuth

from ..two_apps import Grants, status, warm
from .conftest import is_cached, is_refused

HostsChange = Callable[[SQLAlchemy, TapAuth, Any], None]


def set_disabled(db: SQLAlchemy, tapauth: TapAuth, client: Any) -> None:
    client.disabled_at = 1


def delete_it(db: SQLAlchemy, tapauth: TapAuth, client: Any) -> None:
    for token in db.session.query(tapauth.Token):
        db.session.delete(token)
    db.session.flush()
    for model in ("TapAuthRefreshToken", "TapAuthFamily"):
        made = db.metadatas[None].info["tapauth_models"][model]
        for row in db.session.query(made):
            db.session.delete(row)
        db.session.flush()
    db.session.delete(client)


def revoke_its_tokens(db: SQLAlchemy, tapauth: TapAuth, client: Any) -> None:
    for token in db.session.query(tapauth.Token):
        token.revoked_at = 1


def set_disabled_by_sql(db: SQLAlchemy, tapauth: TapAuth, client: Any) -> None:
    client.disabled_at = sa.literal(1) + 1


CHANGES = pytest.mark.parametrize(
    "change", [set_disabled, set_disabled_by_sql, delete_it, revoke_its_tokens]
)


def client_of(db: SQLAlchemy, tapauth: TapAuth) -> Any:
    return db.session.query(tapauth.Client).one()


@CHANGES
def test_every_process_forgets_a_token_that_the_host_changed(
    host: Flask,
    other: Flask,
    grants: Grants,
    tapauth: TapAuth,
    db: SQLAlchemy,
    change: HostsChange,
) -> None:
    """A host writes to its model without calling us."""
    warm(host, grants)
    warm(other, grants)

    with host.app_context():
        change(db, tapauth, client_of(db, tapauth))
        db.session.commit()

    assert [status(host, grants.token) for _ in range(3)] == [401] * 3
    assert is_refused(other, grants.token)


def test_a_change_in_any_session_is_noticed(
    host: Flask, other: Flask, grants: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Jobs and scripts have sessions of their own."""
    warm(other, grants)

    with host.app_context(), Session(db.engine) as session:
        session.query(tapauth.Client).one().disabled_at = 1
        session.commit()

    assert is_refused(other, grants.token)


def test_a_client_of_a_derived_class_is_watched_too(
    host: Flask, other: Flask, grants: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A host may use SQLAlchemy's single table inheritance."""
    partner: Any = type("Partner", (tapauth.Client,), {"__mapper_args__": {}})
    warm(other, grants)

    with host.app_context():
        db.session.query(partner).one().disabled_at = 1
        db.session.commit()

    assert is_refused(other, grants.token)


def test_a_change_in_a_savepoint_counts_from_its_commit_on(
    host: Flask, other: Flask, grants: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A look-up before the commit would cache the old row again."""
    warm(other, grants)

    # A session of its own: a request of a test rolls back `db.session`.
    with host.app_context(), Session(db.engine) as session:
        with session.begin_nested():
            session.query(tapauth.Client).one().disabled_at = 1
        time.sleep(0.2)  # a message that was published too early would arrive by now
        assert status(other, grants.token) == 200
        session.commit()

    assert is_refused(other, grants.token)


def test_an_unchanged_object_does_not_empty_the_cache(
    host: Flask, only: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A form that is saved unchanged would slow down all requests."""
    warm(host, only)

    with host.app_context():
        client = client_of(db, tapauth)
        client.client_name = client.client_name
        db.session.commit()

    assert is_cached(host, db, only.token)


def test_a_change_that_is_rolled_back_has_no_effect(
    host: Flask, only: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The token must stay valid."""
    warm(host, only)

    with host.app_context():
        client_of(db, tapauth).disabled_at = 1
        db.session.flush()
        db.session.rollback()

    assert status(host, only.token) == 200


@pytest.mark.parametrize("revoke_by_us", [True, False])
def test_a_listener_of_the_host_that_raises_keeps_nobody_from_forgetting(
    host: Flask,
    other: Flask,
    grants: Grants,
    tapauth: TapAuth,
    db: SQLAlchemy,
    revoke_by_us: bool,
) -> None:
    """A search index was down after the commit, and the revoked token was accepted."""
    warm(host, grants)
    warm(other, grants)

    changed = sa.text(
        "SELECT count(revoked_at) + count(disabled_at) FROM tapauth_token t "
        "JOIN tapauth_client c ON t.client_pk = c.id"
    )

    def index(_: Session) -> None:
        with db.engine.connect() as connection:
            if connection.scalar(changed):
                raise LookupError("the search index is down")

    with host.app_context():
        sa.event.listen(db.session, "after_commit", index)
        tokens = host.extensions["tapauth"].tokens
        if not revoke_by_us:
            client_of(db, tapauth).disabled_at = 1
        with pytest.raises(LookupError):
            tokens.revoke(grants.token) if revoke_by_us else db.session.commit()
        sa.event.remove(db.session, "after_commit", index)
        db.session.remove()

    assert is_refused(host, grants.token)
    assert is_refused(other, grants.token)
