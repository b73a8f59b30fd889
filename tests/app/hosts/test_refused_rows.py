"""A constraint of the host's database refuses a row, and no client is to blame."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth
from flask_tapauth._app.app_state import get_app_state
from flask_tapauth.errors import RegistrationError, TemporarilyUnavailableError

from ...conftest import MakeApp, grant

ROW = {"user_id": "ann", "scopes": (), "issued_at": 1, "expires_at": 2}


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Any) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/host.db")


@pytest.fixture
def refuse(app: Flask, db: SQLAlchemy) -> Callable[[str], None]:
    """Return a function that makes the database refuse inserts into a table."""

    def refuse(table: str) -> None:
        with app.app_context():
            db.session.execute(
                sa.text(
                    f"CREATE TRIGGER no BEFORE INSERT ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'quota exceeded'); END"
                )
            )
            db.session.commit()

    return refuse


@pytest.mark.parametrize("grants", [[], ["refresh_token"]])
def test_a_token_that_the_database_refuses_is_a_503(
    app: Flask,
    tapauth: TapAuth,
    refuse: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    grants: list[str],
) -> None:
    """The client got `invalid_client`, and the log was empty."""
    with app.app_context():
        client = tapauth.clients.create(
            "Reports", grant_types=["client_credentials", *grants]
        )
    refuse("tapauth_token")

    with caplog.at_level(logging.ERROR, logger="flask_tapauth"):
        answer = app.test_client().post("/oauth/token", data=grant(client))

    assert answer.status_code == 503
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert "quota exceeded" in caplog.text


@pytest.mark.parametrize("table", ["family", "refresh_token", "token"])
def test_a_refresh_token_that_the_database_refuses_is_a_503(
    app: Flask, registered: RegisteredClient, refuse: Any, table: str
) -> None:
    """All rows that belong to a refresh token can be refused."""
    refuse(f"tapauth_{table}")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.refresh_tokens.open_family(
            registered.client, ROW, b"r" * 32, {**ROW, "digest": b"a" * 32}, None
        )


def test_an_assertion_that_the_database_refuses_is_no_replay(
    app: Flask, refuse: Any
) -> None:
    """A row that was refused must not be taken for one that exists already."""
    refuse("tapauth_assertion")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.assertions.insert(b"x" * 32, 2)


def test_a_consent_that_the_database_refuses_is_not_remembered(
    app: Flask, registered: RegisteredClient, refuse: Any
) -> None:
    """A row that was refused must not be taken for one that exists already."""
    refuse("tapauth_consent")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.consents.save(
            registered.client, "ann", ("a",), (), None, None
        )


def test_a_client_deleted_during_its_request_is_an_error_of_the_client(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, database: sa.URL
) -> None:
    """RFC 6749 §5.2: `invalid_client`; nothing is wrong with the database."""
    if database.get_backend_name() == "sqlite":
        pytest.skip("SQLite checks no foreign keys unless it is told to")
    app = make_app(SQLALCHEMY_DATABASE_URI=database)

    with app.app_context():
        client: Any = tapauth.clients.create("Reports").client
        store, key = get_app_state().store, client.id
        db.session.expunge(client)
        store.clients.delete(tapauth.Client(id=key), None)
        gone: Any = tapauth.Client(id=key)
        with pytest.raises(RegistrationError, match="deleted"):
            store.tokens.insert(gone, {**ROW, "digest": b"a" * 32}, None)
        with pytest.raises(RegistrationError, match="deleted"):
            store.refresh_tokens.open_family(
                gone, ROW, b"r" * 32, {**ROW, "digest": b"b" * 32}, None
            )
