"""Hosts whose base model adds columns of its own to every table."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.model import Model
from sqlalchemy.orm import (
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    Mapped,
    declared_attr,
    mapped_column,
)

from flask_tapauth import ClientMixin, ConfigError, TapAuth, TokenMixin
from flask_tapauth._app.app_state import get_app_state

from ...conftest import bearer, grant
from .conftest import Start


def _now() -> datetime:
    return datetime.now(UTC)


def integer_id() -> SQLAlchemy:
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    return SQLAlchemy(model_class=Base)


def many_columns() -> SQLAlchemy:
    class Base(DeclarativeBaseNoMeta):
        id: Mapped[int] = mapped_column(primary_key=True)
        created_at: Mapped[datetime] = mapped_column(default=_now)
        updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)
        version: Mapped[int] = mapped_column(server_default="1")
        note: Mapped[str | None] = mapped_column(sa.String(80))

    return SQLAlchemy(model_class=Base)


def key_of_another_name() -> SQLAlchemy:
    class Base(DeclarativeBase):
        uid: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    return SQLAlchemy(model_class=Base)


def legacy() -> SQLAlchemy:
    class Base(Model):
        id = sa.Column(sa.Integer, primary_key=True)
        created = sa.Column(sa.DateTime, default=_now, nullable=False)

    return SQLAlchemy(model_class=Base)


def declared() -> SQLAlchemy:
    class Base(Model):
        @declared_attr
        def id(cls):  # type: ignore[no-untyped-def] # noqa: ANN202
            return sa.Column(sa.Integer, primary_key=True)

    return SQLAlchemy(model_class=Base)


BASES = [integer_id, many_columns, key_of_another_name, legacy, declared]


@pytest.fixture(params=BASES, ids=lambda make: make.__name__)
def made(request: pytest.FixtureRequest) -> SQLAlchemy:
    db: SQLAlchemy = request.param()
    return db


def sign_up(app: Flask, tapauth: TapAuth, **registration: Any) -> Any:
    with app.app_context():
        return tapauth.clients.create("Reports", **registration)


def test_tokens_are_issued_and_open_views(start: Start, made: SQLAlchemy) -> None:
    """No token was issued on such a base; the client got `invalid_client`."""
    tapauth = TapAuth(db=made)
    app = start(made, tapauth)
    client = sign_up(app, tapauth)
    http = app.test_client()

    answer = http.post("/oauth/token", data=grant(client))

    assert answer.status_code == 200, answer.text
    token = answer.get_json()["access_token"]
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


def test_all_kinds_of_rows_are_stored_and_purged(
    start: Start, made: SQLAlchemy
) -> None:
    """Refresh tokens, consents and assertions must work on such a base, too."""
    tapauth = TapAuth(db=made)
    app = start(made, tapauth)
    client = sign_up(app, tapauth).client

    with app.app_context():
        store = get_app_state().store
        row = {"user_id": "ann", "scopes": (), "issued_at": 1, "expires_at": 2}
        for _ in range(2):
            digest = uuid.uuid4().bytes * 2
            first, second = digest[::-1], digest
            store.refresh_tokens.open_family(
                client, row, first, {**row, "digest": second}, None
            )
            found = store.refresh_tokens.find(first)
            assert found is not None
            after, access = uuid.uuid4().bytes * 2, uuid.uuid4().bytes * 2
            assert store.refresh_tokens.rotate(
                client, found, after, {**row, "digest": access}, 0, None
            )
        for scopes in (("a",), ("a", "b")):
            store.consents.save(client, "ann", scopes, (), None, None)
        consent = store.consents.find(client, "ann")
        assert consent is not None
        assert consent.scopes == ("a", "b")
        assert store.assertions.insert(b"x" * 32, 2)
        assert not store.assertions.insert(b"x" * 32, 2)  # RFC 7523 §3: once
        assert tapauth.tokens.purge() == 4 + 2 + 1


def test_the_primary_keys_are_those_of_the_mixins(made: SQLAlchemy) -> None:
    """Without a unique index on digests, each look-up would read the whole table."""
    tapauth: Any = TapAuth(db=made)

    assert [*tapauth.Token.__table__.primary_key.columns.keys()] == ["digest"]
    assert [*tapauth.Client.__table__.primary_key.columns.keys()] == ["id"]


def test_the_hosts_own_models_work_on_such_a_base(start: Start) -> None:
    """docs: `client_model` and `token_model` are built on the mixins."""
    db: Any = integer_id()

    class Client(ClientMixin, db.Model):
        pass

    class Token(TokenMixin, db.Model):
        pass

    tapauth = TapAuth(db=db, client_model=Client, token_model=Token)
    app = start(db, tapauth)

    client = sign_up(app, tapauth)

    assert app.test_client().post("/oauth/token", data=grant(client)).status_code == 200


def without_default() -> SQLAlchemy:
    class Base(DeclarativeBase):
        tenant: Mapped[str] = mapped_column(sa.String(20))

    return SQLAlchemy(model_class=Base)


def without_default_legacy() -> SQLAlchemy:
    class Base(Model):
        tenant = sa.Column(sa.String(20), nullable=False)

    return SQLAlchemy(model_class=Base)


@pytest.mark.parametrize("base", [without_default, without_default_legacy])
def test_a_required_column_without_a_default_is_refused(
    base: Callable[[], SQLAlchemy],
) -> None:
    """Each INSERT failed later, because nothing filled the column."""
    with pytest.raises(ConfigError, match=r"tapauth_token\.tenant .* default"):
        TapAuth(db=base())


def test_a_token_model_with_a_required_column_is_refused(db: Any) -> None:
    """Each INSERT would fail later, because nothing fills the column."""

    class Token(TokenMixin, db.Model):
        tenant: Mapped[str] = mapped_column(sa.String(20))

    with pytest.raises(ConfigError, match=r"tapauth_token\.tenant .* default"):
        TapAuth(db=db, token_model=Token)


def test_a_second_primary_key_is_refused() -> None:
    """With a key of two columns, one digest could be stored twice."""
    db: Any = key_of_another_name()

    class Token(TokenMixin, db.Model):
        pass

    with pytest.raises(ConfigError, match=r"tapauth_token\.uid .* `uid = None`"):
        TapAuth(db=db, token_model=Token)
