"""A client refreshes its tokens (RFC 6749 §6)."""

from __future__ import annotations

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


def test_a_client_registered_for_it_gets_a_refresh_token(
    http: FlaskClient, client: Registered
) -> None:
    """RFC 6749 §5.1: `Cache-Control: no-store`, for each grant."""
    answer = http.post("/oauth/token", data=grant(client))

    assert answer.get_json()["refresh_token"].startswith("taprt_")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_not_registered_for_it_gets_none(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §1.5: only clients registered for the grant get a refresh token."""
    assert "refresh_token" not in request_tokens(http, grant(registered))


def test_the_implicit_grant_gives_none(
    app: Flask, http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """RFC 6749 §4.2.2: the implicit grant must not issue a refresh token."""
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
    """A grant that TAPAUTH_GRANT_TYPES leaves out is not offered."""
    app = make_app(TAPAUTH_GRANT_TYPES=("client_credentials",))
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports")
        # The app may have offered the grant when the client was registered.
        db.session.execute(sa.update(tapauth.Client).values(grant_types=BOTH))
        db.session.commit()

    assert "refresh_token" not in request_tokens(http, grant(client))
    asked = refresh(client, "taprt_")
    assert refusal(http, asked) == (400, "unsupported_grant_type")


def test_a_refresh_gives_new_tokens_and_keeps_the_access_token(
    http: FlaskClient, client: Registered
) -> None:
    """RFC 6749 §6: the old access token stays valid until it expires."""
    old = request_tokens(http, grant(client))

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


def test_each_refresh_token_brings_the_next(
    http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 9700 §4.14.2: each refresh token is used once, and brings the next."""
    seen = [first]
    for _ in range(5):
        seen.append(request_tokens(http, refresh(client, seen[-1]))["refresh_token"])

    assert len(set(seen)) == 6


def test_the_clients_own_lifetime_holds(http: FlaskClient, register: Register) -> None:
    """A client's own lifetime also holds for renewed access tokens."""
    client = register(grant_types=BOTH, expires_in=60)

    old = request_tokens(http, grant(client))
    new = request_tokens(http, refresh(client, old["refresh_token"]))

    assert (old["expires_in"], new["expires_in"]) == (60, 60)


def test_a_public_client_refreshes_for_its_person(
    app: Flask, tapauth: TapAuth, http: FlaskClient, register: Register
) -> None:
    """RFC 9700 §2.2.2: with rotation; the new token is for the same person."""
    tapauth.server.register_grant(PersonGrant)
    page = register(public=True, grant_types=(PERSON, "refresh_token"))
    form = {"grant_type": PERSON, "client_id": page.client_id, "person": "7"}
    token = request_tokens(http, form)["refresh_token"]

    new = request_tokens(http, refresh(page, token))

    answer = http.get("/whoami", headers=bearer(new["access_token"]))
    assert answer.get_json()["user_id"] == "7"
    assert refusal(http, refresh(page, token)) == (400, "invalid_grant")
