"""A client renews its tokens (RFC 6749 §6)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from .conftest import MakeApp, Register, Registered, bearer, grant

BOTH = ("client_credentials", "refresh_token")
PERSON = "urn:example:person"


class Person:
    def __init__(self, id: str, is_active: bool = True) -> None:
        self.id = id
        self.name = f"Person {id}"
        self.is_active = is_active


class PersonGrant(BaseGrant, TokenEndpointMixin):
    """A grant of the host's: whoever names a person acts for that person."""

    GRANT_TYPE = PERSON
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

    def validate_token_request(self) -> None:
        self.request.client = self.authenticate_token_endpoint_client()

    def create_token_response(self) -> Any:
        asked = self.request.payload
        person = Person(asked.data["person"])
        token = self.generate_token(user=person, scope=asked.scope)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


def refresh(client: Registered, token: str, **parameters: str) -> dict[str, str]:
    """The parameters of a good refresh request (RFC 6749 §6)."""
    secret = client.client_secret
    proof = {} if secret is None else {"client_secret": secret}
    given = {"client_id": client.client_id, "refresh_token": token, **proof}
    return {"grant_type": "refresh_token", **given, **parameters}


def ask(http: FlaskClient, parameters: dict[str, Any]) -> dict[str, Any]:
    answer = http.post("/oauth/token", data=parameters)
    assert answer.status_code == 200, answer.get_json()
    tokens: dict[str, Any] = answer.get_json()
    return tokens


def refusal(http: FlaskClient, parameters: dict[str, Any]) -> tuple[int, str]:
    answer = http.post("/oauth/token", data=parameters)
    return answer.status_code, answer.get_json()["error"]


@pytest.fixture
def client(register: Register) -> Registered:
    return register(grant_types=BOTH)


@pytest.fixture
def first(http: FlaskClient, client: Registered) -> str:
    """The first refresh token of a family that has both scopes."""
    token: str = ask(http, grant(client))["refresh_token"]
    return token


def test_a_client_registered_for_it_gets_a_refresh_token(
    http: FlaskClient, client: Registered
) -> None:
    """The contract: of client_credentials too, never stored by others on the way."""
    answer = http.post("/oauth/token", data=grant(client))

    assert answer.get_json()["refresh_token"].startswith("taprt_")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_not_registered_for_it_gets_none(
    http: FlaskClient, registered: Registered
) -> None:
    """The contract: `refresh_token` where the client is registered for the grant."""
    assert "refresh_token" not in ask(http, grant(registered))


def test_code_gets_none(client: Registered, tapauth: TapAuth) -> None:
    """The contract: `issue_token` issues an access token."""
    assert "refresh_token" not in tapauth.issue_token(client, user_id="7")


def test_the_implicit_grant_gives_none(
    app: Flask, http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """RFC 6749 §4.2.2: it must not."""
    app.secret_key = "a key for tests"
    tapauth.current_user_loader(lambda: Person("7"))
    uri = "https://spa.example/callback"
    grants = ("implicit", "refresh_token")
    page = register(
        public=True, grant_types=grants, redirect_uris=[uri], skip_consent=True
    )

    query = {"response_type": "token", "client_id": page.client_id}
    answer = http.get("/oauth/authorize", query_string=query)

    assert "access_token=" in answer.headers["Location"]
    assert "refresh_token" not in answer.headers["Location"]


def test_an_app_without_the_grant_gives_and_takes_none(
    make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: TAPAUTH_GRANT_TYPES says which grants the server offers."""
    app = make_app(TAPAUTH_GRANT_TYPES=("client_credentials",))
    http = app.test_client()
    with app.app_context():
        client = tapauth.register_client("Reports")
        # As it stands where the grant was offered once.
        db.session.execute(sa.update(tapauth.Client).values(grant_types=BOTH))
        db.session.commit()

    assert "refresh_token" not in ask(http, grant(client))
    asked = refresh(client, "taprt_")
    assert refusal(http, asked) == (400, "unsupported_grant_type")


def test_a_refresh_gives_new_tokens_and_keeps_the_access_token(
    http: FlaskClient, client: Registered
) -> None:
    """RFC 6749 §6: a new one of each, in an answer as the first was."""
    old = ask(http, grant(client))

    answer = http.post("/oauth/token", data=refresh(client, old["refresh_token"]))

    new = answer.get_json()
    assert new.keys() == old.keys()
    assert (new["token_type"], new["expires_in"]) == ("Bearer", 3600)
    assert new["refresh_token"] != old["refresh_token"]
    assert new["access_token"] != old["access_token"]
    assert answer.headers["Cache-Control"] == "no-store"
    for tokens in (old, new):
        opened = http.get("/orders", headers=bearer(tokens["access_token"]))
        assert opened.status_code == 200


def test_it_goes_on_and_on(http: FlaskClient, client: Registered, first: str) -> None:
    """RFC 9700 §4.14.2: each refresh token is used once, and brings the next."""
    seen = [first]
    for _ in range(5):
        seen.append(ask(http, refresh(client, seen[-1]))["refresh_token"])

    assert len(set(seen)) == 6


def test_the_clients_own_lifetime_holds(http: FlaskClient, register: Register) -> None:
    """The contract: a client may carry its own, for each access token."""
    client = register(grant_types=BOTH, expires_in=60)

    old = ask(http, grant(client))
    new = ask(http, refresh(client, old["refresh_token"]))

    assert (old["expires_in"], new["expires_in"]) == (60, 60)


def test_a_public_client_refreshes_for_its_person(
    app: Flask, tapauth: TapAuth, http: FlaskClient, register: Register
) -> None:
    """RFC 9700 §2.2.2: by rotation, its person kept."""
    tapauth.server.register_grant(PersonGrant)
    page = register(public=True, grant_types=(PERSON, "refresh_token"))
    form = {"grant_type": PERSON, "client_id": page.client_id, "person": "7"}
    token = ask(http, form)["refresh_token"]

    new = ask(http, refresh(page, token))

    answer = http.get("/whoami", headers=bearer(new["access_token"]))
    assert answer.get_json()["user_id"] == "7"
    assert refusal(http, refresh(page, token)) == (400, "invalid_grant")
