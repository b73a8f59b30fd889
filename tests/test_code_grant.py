"""An Authlib grant of the host's own: the authorization code with PKCE (RFC 7636)."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient, TapAuth

from .conftest import MakeApp, bearer

CALLBACK = "https://page.example/cb"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
PERSON = SimpleNamespace(id="7")


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    codes: dict[str, Any]

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        self.codes[code] = SimpleNamespace(
            code=code,
            scope=request.scope,
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            get_redirect_uri=lambda: request.payload.redirect_uri,
            get_scope=lambda: request.scope,
        )

    def query_authorization_code(self, code: str, client: Any) -> Any:
        return self.codes.get(code)

    def delete_authorization_code(self, code: Any) -> None:
        del self.codes[code.code]

    def authenticate_user(self, code: Any) -> Any:
        return PERSON


@pytest.fixture
def app(tapauth: TapAuth, make_app: MakeApp) -> Flask:
    CodeGrant.codes = {}
    tapauth.server.register_grant(CodeGrant, [CodeChallenge(required=True)])
    tapauth.current_user_loader(lambda: PERSON)
    tapauth.user_loader(lambda user_id: PERSON)
    return make_app(SECRET_KEY="test", TAPAUTH_GRANT_TYPES=["refresh_token"])


@pytest.fixture
def page(app: Flask, tapauth: TapAuth) -> RegisteredClient:
    with app.app_context():
        return tapauth.register_client(
            "Order page",
            public=True,
            grant_types=["authorization_code", "refresh_token"],
            scopes="orders:read",
            redirect_uris=[CALLBACK],
        )


def ask(http: FlaskClient, page: RegisteredClient, **more: str) -> Any:
    asked = {
        "response_type": "code",
        "client_id": page.client_id,
        "redirect_uri": CALLBACK,
        "state": "kept",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        **more,
    }
    return http.get("/oauth/authorize", query_string=asked)


def test_a_code_becomes_tokens_that_can_be_renewed(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1, RFC 9207: by the consent page, for the person who allowed it."""
    [form] = re.findall(r'name="consent" value="([^"]+)"', ask(http, page).text)
    allowed = {"consent": form, "decision": "allow"}
    back = urlsplit(http.post("/oauth/authorize", data=allowed).location)
    given = parse_qs(back.query)

    exchange = {
        "grant_type": "authorization_code",
        "client_id": page.client_id,
        "code": given["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    tokens = http.post("/oauth/token", data=exchange).get_json()
    renewal = {
        "grant_type": "refresh_token",
        "client_id": page.client_id,
        "refresh_token": tokens["refresh_token"],
    }
    renewed = http.post("/oauth/token", data=renewal).get_json()

    assert (given["state"], given["iss"]) == (["kept"], ["http://localhost"])
    for answer in (tokens, renewed):
        said = http.get("/whoami", headers=bearer(answer["access_token"])).get_json()
        assert (said["user_id"], said["scopes"]) == ("7", ["orders:read"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
def test_an_error_is_in_the_query(
    http: FlaskClient, page: RegisteredClient, more: dict[str, str], error: str
) -> None:
    """RFC 6749 §4.1.2.1: unlike the implicit grant's, which is in the fragment."""
    back = urlsplit(ask(http, page, **more).location)

    assert parse_qs(back.query)["error"] == [error]
    assert back.fragment == ""
