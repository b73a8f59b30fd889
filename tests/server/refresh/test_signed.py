"""Refresh tokens and signed access tokens (RFC 9068)."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.common.encoding import json_loads, to_bytes, urlsafe_b64decode
from flask import Flask

from flask_tapauth import TapAuth

from ...conftest import MakeApp, bearer, grant
from .conftest import (
    BOTH,
    PERSON,
    Person,
    PersonGrant,
    refresh,
    refusal,
    request_tokens,
)


@pytest.fixture
def host(make_app: MakeApp) -> Flask:
    key = {"kty": "oct", "k": "a2V5IG9mIGF0IGxlYXN0IDI1NiBiaXRzLCBmb3IgSFMyNTY"}
    return make_app(
        TAPAUTH_TOKEN_FORMAT="jwt",
        TAPAUTH_ISSUER="http://localhost",
        TAPAUTH_JWT_ALGORITHM="HS256",
        TAPAUTH_JWT_KEYS={"keys": [{**key, "kid": "1", "alg": "HS256"}]},
    )


def claims_of(token: str) -> dict[str, Any]:
    _, claims, _ = token.split(".")
    said: dict[str, Any] = json_loads(urlsafe_b64decode(to_bytes(claims)))
    return said


def test_a_signed_token_is_renewed_by_a_refresh_token_of_the_usual_kind(
    host: Flask, tapauth: TapAuth
) -> None:
    """TAPAUTH_TOKEN_FORMAT changes access tokens, not refresh tokens."""
    http = host.test_client()
    with host.app_context():
        client = tapauth.clients.create("Reports", grant_types=BOTH)

    tokens = request_tokens(
        http, refresh(client, request_tokens(http, grant(client))["refresh_token"])
    )

    assert tokens["refresh_token"].startswith("taprt_")
    assert claims_of(tokens["access_token"])["client_id"] == client.client_id
    opened = http.get("/whoami", headers=bearer(tokens["access_token"]))
    assert opened.status_code == 200


def test_signed_tokens_die_with_their_family(host: Flask, tapauth: TapAuth) -> None:
    """RFC 9700 §4.14.2: with TAPAUTH_JWT_CHECK_REVOCATION, as for opaque tokens."""
    http = host.test_client()
    with host.app_context():
        client = tapauth.clients.create("Reports", grant_types=BOTH)
    old = request_tokens(http, grant(client))
    new = request_tokens(http, refresh(client, old["refresh_token"]))

    asked = refresh(client, old["refresh_token"])
    assert refusal(http, asked) == (400, "invalid_grant")

    for tokens in (old, new):
        opened = http.get("/whoami", headers=bearer(tokens["access_token"]))
        assert opened.status_code == 401


def test_a_renewed_token_has_the_hosts_claims_of_its_person(
    host: Flask, tapauth: TapAuth
) -> None:
    """Claims are loaded again for each renewed token."""
    http = host.test_client()
    tapauth.server.register_grant(PersonGrant)
    tapauth.user_loader(Person)
    tapauth.claims_loader(lambda client, user, scopes: {"name": user.name})
    with host.app_context():
        client = tapauth.clients.create("R", grant_types=(PERSON, "refresh_token"))
    form = {**grant(client), "grant_type": PERSON, "person": "7"}
    token = request_tokens(http, form)["refresh_token"]

    claims = claims_of(request_tokens(http, refresh(client, token))["access_token"])

    assert (claims["sub"], claims["name"]) == ("7", "Person 7")
