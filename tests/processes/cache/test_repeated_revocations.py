"""A revocation that changes nothing empties no cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ..two_apps import (
    Change,
    Grants,
    revoke,
    revoke_by_hand,
    revoke_clients,
    revoke_persons,
    revoke_refresh_token,
    status,
)
from .conftest import is_cached


def replay(grants: Grants) -> str:
    """Send a refresh token that is spent."""
    answer = grants.post(
        "token", grant_type="refresh_token", refresh_token=grants.refresh
    )
    assert answer.status_code in (200, 400)
    return grants.renewed


REVOCATIONS = pytest.mark.parametrize(
    "change",
    [
        replay,
        revoke,
        revoke_by_hand,
        revoke_refresh_token,
        revoke_clients,
        revoke_persons,
    ],
)


def make_it_older(host: Flask, db: SQLAlchemy) -> None:
    """Let all revocations be an hour old."""
    with host.app_context(), db.engine.begin() as connection:
        for table in ("token", "family"):
            connection.execute(
                sa.text(f"UPDATE tapauth_{table} SET revoked_at = revoked_at - 3600")  # noqa: S608
            )


@REVOCATIONS
def test_a_repeated_revocation_publishes_nothing(
    host: Flask,
    only: Grants,
    db: SQLAlchemy,
    heard: Callable[[], list[str]],
    change: Change,
) -> None:
    """A stranger with one old token slowed all processes down."""
    for _ in range(2):
        change(only)
    make_it_older(host, db)
    assert heard() != []

    change(only)

    assert [each for each in heard() if not each.startswith("ask ")] == []


def test_a_replayed_refresh_token_leaves_other_tokens_cached(
    host: Flask, other: Flask, grants: Grants, db: SQLAlchemy
) -> None:
    """RFC 9700 §4.14.2: the family has ended; another replay changes nothing."""
    for _ in range(3):
        replay(grants)
    make_it_older(host, db)
    for app in (host, other):
        for _ in range(2):
            assert status(app, grants.token) == 200

    replay(grants)

    assert is_cached(host, db, grants.token)
    assert is_cached(other, db, grants.token)
