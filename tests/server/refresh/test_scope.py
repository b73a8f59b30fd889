"""A refreshed token never has more scopes than were granted first."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Register, Registered, bearer, grant
from .conftest import BOTH, refresh, refusal, request_tokens

READ, WRITE = "orders:read", "orders:write"


@pytest.fixture
def client(register: Register) -> Registered:
    return register(grant_types=BOTH, scopes=[READ, WRITE, "orders:delete"])


@pytest.fixture
def first(http: FlaskClient, client: Registered) -> str:
    """A refresh token of two of the client's three scopes."""
    token: str = request_tokens(http, grant(client, scope=f"{READ} {WRITE}"))[
        "refresh_token"
    ]
    return token


def give(app: Flask, client: Registered, *scopes: str) -> None:
    app.extensions["tapauth"].clients.update(client, scopes=scopes)


def test_without_a_scope_the_granted_scope_is_given(
    http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §6: the scope of the first grant, and not all of the client's."""
    assert request_tokens(http, refresh(client, first))["scope"] == f"{READ} {WRITE}"


def test_a_narrowed_scope_can_be_widened_to_the_granted_one_again(
    http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §6: the first grant is the limit, and not the last token."""
    token, seen = first, []
    for scope in (READ, WRITE, f"{WRITE} {READ}", READ):
        tokens = request_tokens(http, refresh(client, token, scope=scope))
        token = tokens["refresh_token"]
        seen.append(tokens["scope"])

    assert seen == [READ, WRITE, f"{WRITE} {READ}", READ]
    assert request_tokens(http, refresh(client, token))["scope"] == f"{READ} {WRITE}"


def test_a_narrowed_token_opens_no_more_than_it_says(
    http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §6: the token itself has fewer scopes, not only the answer."""
    token = request_tokens(http, refresh(client, first, scope=WRITE))["access_token"]

    assert http.get("/orders", headers=bearer(token)).status_code == 403


@pytest.mark.parametrize(
    "scope",
    [
        "orders:delete",
        f"{READ} orders:delete",
        "unknown",
        "ORDERS:READ",
        'or"ders',
        "ü",
    ],
)
def test_a_wider_scope_is_refused_and_the_token_is_kept(
    http: FlaskClient, client: Registered, first: str, scope: str
) -> None:
    """RFC 6749 §6: even a scope of the client, if it was not granted."""
    asked = refresh(client, first, scope=scope)

    assert refusal(http, asked) == (400, "invalid_scope")
    request_tokens(http, refresh(client, first))


def test_a_scope_that_the_client_lost_is_not_given(
    app: Flask, http: FlaskClient, client: Registered, first: str
) -> None:
    """A scope that was taken from the client is missing from renewed tokens."""
    give(app, client, WRITE, "orders:delete")

    asked = refresh(client, first, scope=READ)
    assert refusal(http, asked) == (400, "invalid_scope")
    assert request_tokens(http, refresh(client, first))["scope"] == WRITE


def test_a_client_that_lost_all_granted_scopes_gets_no_token(
    app: Flask, http: FlaskClient, client: Registered, first: str
) -> None:
    """If no granted scope is left, the token must not get all scopes instead."""
    give(app, client, "orders:delete")

    assert refusal(http, refresh(client, first)) == (400, "invalid_scope")


def test_a_scope_that_the_client_gained_is_not_given(
    app: Flask, http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §6: the first grant is the limit."""
    give(app, client, READ, WRITE, "orders:delete", "orders:list")

    asked = refresh(client, first, scope="orders:list")
    assert refusal(http, asked) == (400, "invalid_scope")
    assert request_tokens(http, refresh(client, first))["scope"] == f"{READ} {WRITE}"


def test_a_scope_that_the_client_lost_and_regained_is_given(
    app: Flask, http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §6: the scope was part of the first grant."""
    give(app, client, WRITE)
    token = request_tokens(http, refresh(client, first))["refresh_token"]

    give(app, client, READ, WRITE)

    assert request_tokens(http, refresh(client, token))["scope"] == f"{READ} {WRITE}"


def test_a_family_without_a_scope_never_gains_one(
    app: Flask, http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §6: an omitted scope means that of the first grant, which was empty."""
    client = register(grant_types=BOTH, scopes=[])
    token = request_tokens(http, grant(client))["refresh_token"]
    give(app, client, READ)

    for _ in range(2):
        tokens = request_tokens(http, refresh(client, token))
        token = tokens["refresh_token"]

        assert tokens["scope"] == ""
        opened = http.get("/orders", headers=bearer(tokens["access_token"]))
        assert opened.status_code == 403
    asked = refresh(client, token, scope=READ)
    assert refusal(http, asked) == (400, "invalid_scope")


def test_a_scope_that_the_app_gave_up_is_lost(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A scope that TAPAUTH_SCOPES does not list is `invalid_scope`."""
    app = make_app(TAPAUTH_SCOPES={READ: "See orders"})
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports", grant_types=BOTH, scopes=READ)
    token = request_tokens(http, grant(client))["refresh_token"]
    with app.app_context(), db.engine.begin() as connection:
        # The app had both scopes when the client was registered.
        for table in ("tapauth_client", "tapauth_family"):
            update = sa.text(f"UPDATE {table} SET scope = :scope")  # noqa: S608
            connection.execute(update, {"scope": f"{READ} {WRITE}"})

    asked = refresh(client, token, scope=WRITE)
    assert refusal(http, asked) == (400, "invalid_scope")
    assert request_tokens(http, refresh(client, token))["scope"] == READ
