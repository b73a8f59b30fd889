"""A token family ends with its client, its person, or its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Register, Registered, bearer, grant
from .conftest import (
    BOTH,
    PERSON,
    Person,
    PersonGrant,
    refresh,
    refusal,
    request_tokens,
)

LIFE = 100
DEAD = (400, "invalid_grant")


@pytest.fixture
def answer(http: FlaskClient, client: Registered) -> dict[str, Any]:
    return request_tokens(http, grant(client))


def status(http: FlaskClient, answer: dict[str, str]) -> int:
    return http.get("/orders", headers=bearer(answer["access_token"])).status_code


@pytest.mark.parametrize("end", ["disable", "delete"])
def test_a_family_ends_with_its_client(
    app: Flask,
    http: FlaskClient,
    client: Registered,
    answer: dict[str, str],
    end: str,
) -> None:
    """A disabled or deleted client gets 401 at the endpoint and at views."""
    getattr(app.extensions["tapauth"].clients, end)(client)

    asked = refresh(client, answer["refresh_token"])
    assert refusal(http, asked) == (401, "invalid_client")
    assert status(http, answer) == 401


def test_a_family_ends_when_its_clients_secret_expires(
    http: FlaskClient, register: Register, wait: Callable[[int], None]
) -> None:
    """A client with an expired secret gets 401 at the endpoint and at views."""
    ends = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=LIFE)
    client = register(grant_types=BOTH, secret_expires_at=ends)
    answer = request_tokens(http, grant(client))

    wait(LIFE)

    asked = refresh(client, answer["refresh_token"])
    assert refusal(http, asked) == (401, "invalid_client")
    assert status(http, answer) == 401


def test_a_new_client_of_the_same_id_does_not_inherit_the_family(
    app: Flask, http: FlaskClient, register: Register
) -> None:
    """A new client with a deleted client's id must not inherit its tokens."""
    old = register(client_id="reports", grant_types=BOTH)
    answer = request_tokens(http, grant(old))
    app.extensions["tapauth"].clients.delete(old)
    new = register(client_id="reports", grant_types=BOTH)

    assert refusal(http, refresh(new, answer["refresh_token"])) == DEAD
    assert status(http, answer) == 401


def test_a_family_ends_with_the_tokens_of_its_client(
    http: FlaskClient, client: Registered, answer: dict[str, str], tapauth: TapAuth
) -> None:
    """`revoke_client_tokens` counts a family of refresh tokens once."""
    request_tokens(http, refresh(client, answer["refresh_token"]))

    assert tapauth.tokens.revoke_all(client=client) == 1

    assert status(http, answer) == 401
    assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD


def test_a_token_whose_family_is_gone_opens_nothing(
    db: SQLAlchemy, http: FlaskClient, answer: dict[str, str]
) -> None:
    """Deleting the family's row by hand must not bring its tokens back."""
    for table in ("tapauth_refresh_token", "tapauth_family"):
        db.session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608
    db.session.commit()

    assert status(http, answer) == 401


@pytest.fixture
def persons(
    tapauth: TapAuth, http: FlaskClient, register: Register
) -> tuple[Registered, str]:
    """A client, and its refresh token for person 7."""
    tapauth.server.register_grant(PersonGrant)
    client = register(grant_types=(PERSON, "refresh_token"))
    form = {**grant(client), "grant_type": PERSON, "person": "7"}
    return client, request_tokens(http, form)["refresh_token"]


@pytest.mark.parametrize("person", [None, Person("7", is_active=False)])
def test_a_family_ends_with_its_person(
    tapauth: TapAuth,
    http: FlaskClient,
    persons: tuple[Registered, str],
    person: Person | None,
) -> None:
    """A deleted or inactive user must not get new tokens."""
    client, token = persons
    tapauth.user_loader(lambda user_id: person)

    assert refusal(http, refresh(client, token)) == DEAD


def test_a_person_who_returns_under_the_same_id_does_not_inherit_the_family(
    tapauth: TapAuth, http: FlaskClient, persons: tuple[Registered, str]
) -> None:
    """A user who comes back must not bring the old family back."""
    client, token = persons
    tapauth.user_loader(lambda user_id: None)
    refusal(http, refresh(client, token))

    tapauth.user_loader(Person)

    assert refusal(http, refresh(client, token)) == DEAD


@pytest.mark.parametrize("load", [None, Person], ids=["no loader", "loader"])
def test_a_family_lives_on_while_its_person_exists(
    tapauth: TapAuth,
    http: FlaskClient,
    persons: tuple[Registered, str],
    load: Callable[[str], Any] | None,
) -> None:
    """Without a `user_loader`, nobody can tell that a user is gone."""
    client, token = persons
    if load is not None:
        tapauth.user_loader(load)

    token = request_tokens(http, refresh(client, token))["access_token"]

    said = http.get("/whoami", headers=bearer(token)).get_json()
    assert said["user_id"] == "7"


def test_a_family_without_a_person_asks_no_user_loader(
    tapauth: TapAuth, http: FlaskClient, client: Registered, answer: dict[str, str]
) -> None:
    """A user whose id equals a client id must not end a machine's family."""
    asked: list[str] = []
    tapauth.user_loader(asked.append)

    request_tokens(http, refresh(client, answer["refresh_token"]))

    assert asked == []


@pytest.fixture
def brief(make_app: MakeApp, tapauth: TapAuth) -> tuple[FlaskClient, Registered]:
    """An app whose token families live for LIFE seconds, and a client."""
    app = make_app(TAPAUTH_REFRESH_TOKEN_EXPIRES_IN=LIFE)
    with app.app_context():
        client = tapauth.clients.create("R", grant_types=BOTH, scopes="orders:read")
    return app.test_client(), client


def test_a_family_ends_in_time_however_often_it_was_refreshed(
    brief: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """Renewing must not extend the family beyond its first expiry."""
    http, client = brief
    answer = request_tokens(http, grant(client))
    wait(LIFE - 1)
    answer = request_tokens(http, refresh(client, answer["refresh_token"]))
    assert status(http, answer) == 200

    wait(1)

    assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD
    assert status(http, answer) == 401


def test_no_access_token_outlives_its_family(
    brief: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """No access token outlives its family, and `expires_in` says so."""
    http, client = brief
    first = request_tokens(http, grant(client))
    wait(LIFE - 1)

    second = request_tokens(http, refresh(client, first["refresh_token"]))

    assert (first["expires_in"], second["expires_in"]) == (LIFE, 1)
