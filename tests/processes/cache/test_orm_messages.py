"""What the host writes through the ORM publishes no more messages than it needs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_tapauth import ClientMixin, TapAuth, TokenMixin

from ...statements import statements
from ..two_apps import Grants, status, warm
from .conftest import is_cached, is_refused


@pytest.fixture
def tapauth(db: SQLAlchemy) -> TapAuth:
    """With models of the host's, which have a column of its own."""

    class Client(ClientMixin, db.Model):  # type: ignore[name-defined]
        note: Mapped[str | None]

    class Token(TokenMixin, db.Model):  # type: ignore[name-defined]
        uses: Mapped[int] = mapped_column(default=0)

    return TapAuth(db=db, client_model=Client, token_model=Token)


def notifications(sent: list[str]) -> int:
    return sum("pg_notify" in each for each in sent)


@pytest.mark.parametrize(
    "value", ["checked", sa.literal("checked")], ids=["value", "SQL"]
)
def test_a_column_of_the_host_empties_no_cache(
    host: Flask, only: Grants, tapauth: TapAuth, db: SQLAlchemy, value: Any
) -> None:
    """A counter of the host's would slow down all requests."""
    warm(host, only)

    with host.app_context(), statements(host, db) as sent:
        client: Any = db.session.query(tapauth.Client).one()
        client.note = value
        token: Any
        for token in db.session.query(tapauth.Token):
            token.uses += 1
        db.session.commit()

    assert notifications(sent) == 0
    assert is_cached(host, db, only.token)


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_many_changes_in_one_transaction_are_one_message(
    host: Flask, only: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A job that ends a thousand tokens sent a thousand messages."""
    with host.app_context(), statements(host, db) as sent:
        for token in db.session.query(tapauth.Token):
            token.revoked_at = 1
            db.session.flush()
        db.session.commit()
        assert notifications(sent) == 1

        for token in db.session.query(tapauth.Token):
            db.session.delete(token)
        db.session.commit()
        assert notifications(sent) == 2


@pytest.mark.parametrize("kind", ["database"], indirect=True)
def test_a_message_that_a_savepoint_undid_is_published_again(
    host: Flask, other: Flask, grants: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """PostgreSQL drops the notifications of a savepoint that is rolled back."""
    warm(other, grants)

    with host.app_context():
        client: Any = db.session.query(tapauth.Client).one()
        with db.session.begin_nested() as savepoint:
            client.client_name = "Other"
            db.session.flush()
            savepoint.rollback()
        client.disabled_at = 1
        db.session.commit()

    assert is_refused(other, grants.token)
    assert status(other, grants.personal) == 401
