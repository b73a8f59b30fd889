"""A host that registers Authlib's code grant with PKCE (RFC 7636), kept in memory."""

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

from ...conftest import MakeApp

CALLBACK = "https://page.example/cb"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
PERSON = SimpleNamespace(id="7")
HERE, THERE = "https://api.example", "https://other.example"
SETTINGS = {"TAPAUTH_ISSUER": "http://localhost", "TAPAUTH_RESOURCES": [HERE, THERE]}


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
    return make_app(
        SECRET_KEY="test", TAPAUTH_GRANT_TYPES=["refresh_token"], **SETTINGS
    )


@pytest.fixture
def page(app: Flask, tapauth: TapAuth) -> RegisteredClient:
    with app.app_context():
        return tapauth.clients.create(
            "Order page",
            public=True,
            grant_types=["authorization_code", "refresh_token"],
            scopes="orders:read",
            redirect_uris=[CALLBACK],
        )


def request_authorization(
    http: FlaskClient, page: RegisteredClient, **more: Any
) -> Any:
    """Send a person to the authorization endpoint."""
    return http.get("/oauth/authorize", query_string=asked(page, **more))


def asked(page: RegisteredClient, **more: Any) -> dict[str, Any]:
    """Return the parameters of a valid authorization request (RFC 7636 §4.3)."""
    return {
        "response_type": "code",
        "client_id": page.client_id,
        "redirect_uri": CALLBACK,
        "state": "kept",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        **more,
    }


def allow(http: FlaskClient, page: RegisteredClient, **more: Any) -> dict[str, Any]:
    """Let the person allow the client, and return what the client is sent."""
    [form] = re.findall(
        r'name="consent" value="([^"]+)"',
        request_authorization(http, page, **more).text,
    )
    decision = {"consent": form, "decision": "allow"}
    back = urlsplit(http.post("/oauth/authorize", data=decision).location)
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def exchange(http: FlaskClient, page: RegisteredClient, code: str, **more: Any) -> Any:
    """Send a code to the token endpoint (RFC 6749 §4.1.3)."""
    form = {
        "grant_type": "authorization_code",
        "client_id": page.client_id,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **more,
    }
    return http.post("/oauth/token", data=form)
