"""The client credentials grant, when nothing goes wrong (RFC 6749 §4.4)."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ..conftest import Register, Registered, bearer, grant
from .conftest import basic


def test_a_posted_secret_gets_a_token(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.1: each member of the answer, which is not cached."""
    answer = http.post("/oauth/token", data=grant(registered))

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.get_json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    assert type(token["expires_in"]) is int
    assert token["scope"] == "orders:read orders:write"


def test_the_token_opens_a_view(http: FlaskClient, registered: Registered) -> None:
    """A token of the token endpoint must open the API."""
    token = http.post("/oauth/token", data=grant(registered)).get_json()

    answer = http.get("/orders", headers=bearer(token["access_token"]))

    assert answer.status_code == 200


def test_a_json_object_serves_as_a_form(
    http: FlaskClient, registered: Registered
) -> None:
    """Some clients send the parameters as JSON."""
    answer = http.post("/oauth/token", json=grant(registered, scope="orders:read"))

    assert answer.status_code == 200
    assert answer.get_json()["scope"] == "orders:read"


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_basic_authentication_gets_a_token(
    http: FlaskClient, registered: Registered, scheme: str
) -> None:
    """RFC 6749 §2.3.1; RFC 9110 §11.1: the scheme is case-insensitive."""
    headers = basic(registered.client_id, registered.client_secret)
    headers["Authorization"] = headers["Authorization"].replace("Basic", scheme)

    answer = http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("secret", ["a b+c%41&=", "p%C3%A4ss", "sécret-ü-鍵", "a:b:c"])
@pytest.mark.parametrize("encode", [quote_plus, str], ids=["encoded", "plain"])
def test_basic_credentials_may_be_encoded_or_plain(
    http: FlaskClient, register: Register, secret: str, encode: type[str]
) -> None:
    """RFC 6749 §2.3.1 says form-encoded, but curl and many others do not do it."""
    secret += " of enough length"
    client = register(client_id="id with+%41", client_secret=secret)
    headers = basic(encode(client.client_id), encode(secret))

    answer = http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=headers
    )

    assert answer.status_code == 200


def test_basic_may_repeat_its_client_id_in_the_body(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §3.2.1: a `client_id` alone is not a second method."""
    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": registered.client_id},
        headers=basic(registered.client_id, registered.client_secret),
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, "orders:read orders:write"),
        ("", "orders:read orders:write"),
        ("orders:write", "orders:write"),
        ("orders:write orders:read", "orders:write orders:read"),
        ("orders:read orders:read", "orders:read"),
        (" orders:read  orders:write ", "orders:read orders:write"),
    ],
)
def test_scope_is_what_was_asked_for_or_else_all(
    http: FlaskClient, registered: Registered, asked: str | None, given: str
) -> None:
    """RFC 6749 §3.3: the default is all scopes of the client."""
    parameters = grant(registered) if asked is None else grant(registered, scope=asked)

    answer = http.post("/oauth/token", data=parameters)

    assert answer.status_code == 200
    assert answer.get_json()["scope"] == given


def test_a_client_without_scopes_gets_a_token_without_scopes(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §3.3: the token opens a view that requires no scope."""
    token = http.post("/oauth/token", data=grant(register(scopes=()))).get_json()

    assert token["scope"] == ""
    headers = bearer(token["access_token"])
    assert http.get("/whoami", headers=headers).status_code == 200
    assert http.get("/orders", headers=headers).status_code == 403


def test_a_client_may_carry_its_own_lifetime(
    http: FlaskClient, register: Register
) -> None:
    """A client's own token lifetime wins over the app's setting."""
    answer = http.post("/oauth/token", data=grant(register(expires_in=90)))

    assert answer.get_json()["expires_in"] == 90


def test_both_secrets_are_valid_in_the_grace_time(
    app: Flask, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """After `rotate-secret --grace`, a running program still has the old secret."""
    rotated = tapauth.clients.rotate_secret(registered, grace=60)

    assert rotated.client_secret != registered.client_secret
    for client in (registered, rotated):
        assert http.post("/oauth/token", data=grant(client)).status_code == 200


def test_the_old_secret_ends_at_once_without_grace(
    app: Flask, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """Without `--grace`, a leaked secret must stop working at once."""
    tapauth.clients.rotate_secret(registered)

    assert http.post("/oauth/token", data=grant(registered)).status_code == 401
