"""The database refuses a row of ours, and no client is to blame."""

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
    """Have a constraint of the host's refuse what is put into a table."""

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
def test_a_refused_token_is_no_fault_of_the_clients(
    app: Flask,
    tapauth: TapAuth,
    refuse: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    grants: list[str],
) -> None:
    """The caller read `invalid_client`, and the log was empty."""
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
def test_a_refused_refresh_token_is_no_fault_of_the_clients(
    app: Flask, registered: RegisteredClient, refuse: Any, table: str
) -> None:
    """Of the same kind: the rows that come with a refresh token."""
    refuse(f"tapauth_{table}")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.refresh_tokens.open_family(
            registered.client, ROW, b"r" * 32, {**ROW, "digest": b"a" * 32}, None
        )


def test_a_refused_assertion_was_not_seen_before(app: Flask, refuse: Any) -> None:
    """Of the same kind: a row that was refused is not one that is there already."""
    refuse("tapauth_assertion")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.assertions.insert(b"x" * 32, 2)


def test_a_refused_consent_is_not_taken_for_remembered(
    app: Flask, registered: RegisteredClient, refuse: Any
) -> None:
    """Of the same kind: a consent that was refused is not one that was given twice."""
    refuse("tapauth_consent")

    with app.app_context(), pytest.raises(TemporarilyUnavailableError):
        get_app_state().store.consents.save(
            registered.client, "ann", ("a",), (), None, None
        )


def test_a_client_that_is_gone_is_still_told(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, database: sa.URL
) -> None:
    """RFC 6749 §5.2: `invalid_client`, for one that was deleted while it asked."""
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
