"""What ends a family of refresh tokens: its client, its person, its time."""

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

from ..conftest import MakeApp, Register, Registered, bearer, grant
from .conftest import BOTH, PERSON, Person, PersonGrant, ask, refresh, refusal

LIFE = 100
DEAD = (400, "invalid_grant")


@pytest.fixture
def answer(http: FlaskClient, client: Registered) -> dict[str, Any]:
    return ask(http, grant(client))


def status(http: FlaskClient, answer: dict[str, str]) -> int:
    return http.get("/orders", headers=bearer(answer["access_token"])).status_code


@pytest.mark.parametrize("end", ["disable", "delete"])
def test_with_its_client(
    app: Flask,
    http: FlaskClient,
    client: Registered,
    answer: dict[str, str],
    end: str,
) -> None:
    """The contract's table: 401 at either end once the client is disabled or gone."""
    getattr(app.extensions["tapauth"].clients, end)(client)

    asked = refresh(client, answer["refresh_token"])
    assert refusal(http, asked) == (401, "invalid_client")
    assert status(http, answer) == 401


def test_with_its_clients_secret(
    http: FlaskClient, register: Register, wait: Callable[[int], None]
) -> None:
    """The contract's table: 401 at either end once the client's secret expired."""
    ends = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=LIFE)
    client = register(grant_types=BOTH, secret_expires_at=ends)
    answer = ask(http, grant(client))

    wait(LIFE)

    asked = refresh(client, answer["refresh_token"])
    assert refusal(http, asked) == (401, "invalid_client")
    assert status(http, answer) == 401


def test_a_new_client_of_the_same_id_does_not_inherit_it(
    app: Flask, http: FlaskClient, register: Register
) -> None:
    """The contract: deleted is gone for good, whatever is registered later."""
    old = register(client_id="reports", grant_types=BOTH)
    answer = ask(http, grant(old))
    app.extensions["tapauth"].clients.delete(old)
    new = register(client_id="reports", grant_types=BOTH)

    assert refusal(http, refresh(new, answer["refresh_token"])) == DEAD
    assert status(http, answer) == 401


def test_with_its_clients_tokens(
    http: FlaskClient, client: Registered, answer: dict[str, str], tapauth: TapAuth
) -> None:
    """The contract: `revoke_client_tokens`, a family counting as one."""
    ask(http, refresh(client, answer["refresh_token"]))

    assert tapauth.revoke_client_tokens(client) == 1

    assert status(http, answer) == 401
    assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD


def test_a_token_whose_family_is_gone_opens_nothing(
    db: SQLAlchemy, http: FlaskClient, answer: dict[str, str]
) -> None:
    """The contract: deleted by hand is no way around a revocation."""
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
    return client, ask(http, form)["refresh_token"]


@pytest.mark.parametrize("person", [None, Person("7", is_active=False)])
def test_with_its_person(
    tapauth: TapAuth,
    http: FlaskClient,
    persons: tuple[Registered, str],
    person: Person | None,
) -> None:
    """The contract: who is gone, or not active, gets no more tokens."""
    client, token = persons
    tapauth.user_loader(lambda user_id: person)

    assert refusal(http, refresh(client, token)) == DEAD


def test_who_comes_back_under_the_same_id_does_not_inherit_it(
    tapauth: TapAuth, http: FlaskClient, persons: tuple[Registered, str]
) -> None:
    """The contract: a family ends with its person, for good."""
    client, token = persons
    tapauth.user_loader(lambda user_id: None)
    refusal(http, refresh(client, token))

    tapauth.user_loader(Person)

    assert refusal(http, refresh(client, token)) == DEAD


@pytest.mark.parametrize("load", [None, Person], ids=["no loader", "loader"])
def test_not_while_its_person_is_there(
    tapauth: TapAuth,
    http: FlaskClient,
    persons: tuple[Registered, str],
    load: Callable[[str], Any] | None,
) -> None:
    """The contract: an app that has no `user_loader` revokes by hand."""
    client, token = persons
    if load is not None:
        tapauth.user_loader(load)

    token = ask(http, refresh(client, token))["access_token"]

    said = http.get("/whoami", headers=bearer(token)).get_json()
    assert said["user_id"] == "7"


def test_a_machines_has_no_person_to_end_with(
    tapauth: TapAuth, http: FlaskClient, client: Registered, answer: dict[str, str]
) -> None:
    """The contract: a user is never inferred from a client id."""
    asked: list[str] = []
    tapauth.user_loader(asked.append)

    ask(http, refresh(client, answer["refresh_token"]))

    assert asked == []


@pytest.fixture
def brief(make_app: MakeApp, tapauth: TapAuth) -> tuple[FlaskClient, Registered]:
    """An app whose families live LIFE seconds, and a client of it."""
    app = make_app(TAPAUTH_REFRESH_TOKEN_EXPIRES_IN=LIFE)
    with app.app_context():
        client = tapauth.register_client("R", grant_types=BOTH, scopes="orders:read")
    return app.test_client(), client


def test_when_its_time_is_up_however_often_it_was_refreshed(
    brief: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """The contract: TAPAUTH_REFRESH_TOKEN_EXPIRES_IN counts from the grant."""
    http, client = brief
    answer = ask(http, grant(client))
    wait(LIFE - 1)
    answer = ask(http, refresh(client, answer["refresh_token"]))
    assert status(http, answer) == 200

    wait(1)

    assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD
    assert status(http, answer) == 401


def test_no_access_token_outlives_it(
    brief: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """The contract: access tokens are capped to it, and `expires_in` says so."""
    http, client = brief
    first = ask(http, grant(client))
    wait(LIFE - 1)

    second = ask(http, refresh(client, first["refresh_token"]))

    assert (first["expires_in"], second["expires_in"]) == (LIFE, 1)
