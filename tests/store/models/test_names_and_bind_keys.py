"""Models of the host with other table names, column names and bind keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import (
    Mapped,
    mapped_column,
)

from flask_tapauth import (
    ClientMixin,
    ConfigError,
    TapAuth,
    TokenMixin,
)

from ...app.hosts.conftest import Start
from ...app.hosts.conftest import start as start
from .conftest import walk

BOOKKEEPING = {
    "tapauth_assertion",
    "tapauth_code",
    "tapauth_consent",
    "tapauth_event",
    "tapauth_family",
    "tapauth_refresh_token",
}


def bound(db: Any, key: str | None) -> Any:
    class Client(ClientMixin, db.Model):
        __bind_key__ = key

    return Client


def bound_token(db: Any, key: str | None) -> Any:
    class Token(TokenMixin, db.Model):
        __bind_key__ = key

    return Token


@pytest.mark.parametrize("brought", ["client", "token", "both"])
def test_a_bind_key_moves_both_tables(
    start: Start, db: SQLAlchemy, tmp_path: Path, brought: str
) -> None:
    """A model that the host did not pass gets the bind key of the other."""
    models: dict[str, Any] = {}
    if brought in ("client", "both"):
        models["client_model"] = bound(db, "auth")
    if brought in ("token", "both"):
        models["token_model"] = bound_token(db, "auth")
    tapauth = TapAuth(db=db, **models)
    app = start(
        db,
        tapauth,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/main.db",
        SQLALCHEMY_BINDS={"auth": f"sqlite:///{tmp_path}/auth.db"},
    )

    client = walk(app, tapauth)

    with app.app_context():
        assert (
            tapauth.clients.rotate_secret(client).client_secret != client.client_secret
        )
        assert tapauth.tokens.revoke_all(client=client) == 1
        assert sa.inspect(db.engines[None]).get_table_names() == []
        tables = sa.inspect(db.engines["auth"]).get_table_names()
        assert {"tapauth_client", "tapauth_token"} <= set(tables)


def test_different_bind_keys_are_refused(db: SQLAlchemy) -> None:
    """One SELECT cannot join tables of two databases."""
    with pytest.raises(ConfigError, match="bind key"):
        TapAuth(db=db, client_model=bound(db, "auth"), token_model=bound_token(db, "x"))


def renamed(db: Any) -> Any:
    class ApiKey(ClientMixin, db.Model):
        __tablename__ = "api_key"

    return ApiKey


def test_renamed_tables_work(start: Start, db: Any) -> None:
    """A host may have tables of these names already."""

    class ApiToken(TokenMixin, db.Model):
        __tablename__ = "api_token"
        client_pk: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"))

    tapauth = TapAuth(db=db, client_model=renamed(db), token_model=ApiToken)

    walk(start(db, tapauth), tapauth)

    assert set(db.metadata.tables) == {"api_key", "api_token", *BOOKKEEPING}


def test_renamed_columns_work(start: Start, db: Any, tmp_path: Path) -> None:
    """A host may have to keep the columns of an older table."""

    class ApiKey(ClientMixin, db.Model):
        client_id: Mapped[str] = mapped_column("key", sa.String(255), unique=True)

    class ApiToken(TokenMixin, db.Model):
        expires_at: Mapped[int] = mapped_column("ends", sa.BigInteger)

    tapauth = TapAuth(db=db, client_model=ApiKey, token_model=ApiToken)
    uri = f"sqlite:///{tmp_path}/main.db"

    walk(start(db, tapauth, SQLALCHEMY_DATABASE_URI=uri), tapauth)

    assert "key" in ApiKey.__table__.columns
    assert "ends" in ApiToken.__table__.columns


def test_the_default_token_model_follows_a_renamed_client_table(
    start: Start, db: SQLAlchemy
) -> None:
    """Its foreign key must refer to the host's table."""
    tapauth = TapAuth(db=db, client_model=renamed(db))

    walk(start(db, tapauth), tapauth)

    assert set(db.metadata.tables) == {"api_key", "tapauth_token", *BOOKKEEPING}


def test_the_default_client_model_works_with_a_hosts_token_model(
    start: Start, db: SQLAlchemy
) -> None:
    """A host may need a model of its own for tokens only."""
    model = bound_token(db, None)
    tapauth = TapAuth(db=db, token_model=model)

    walk(start(db, tapauth), tapauth)

    assert tapauth.Token is model


@pytest.mark.parametrize("other_is_there", [False, True])
def test_a_token_model_with_another_foreign_key_is_refused(
    db: SQLAlchemy, other_is_there: bool
) -> None:
    """The error says which column to override, and with what."""
    if other_is_there:
        bound(db, None)  # a table of the default name, which is not the one to use

    with pytest.raises(ConfigError, match=r"client_pk.*api_key\.id"):
        TapAuth(db=db, client_model=renamed(db), token_model=bound_token(db, None))
