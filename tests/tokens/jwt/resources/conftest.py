"""An app with several resources, and helpers that get tokens for them (RFC 8707)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient

from ....conftest import MakeApp, Register, bearer, grant
from ..conftest import ELSEWHERE, ISSUER, make_key, signing

THIRD = "urn:example:stock"
RESOURCES = [ISSUER, ELSEWHERE, THIRD]
FORMATS: dict[str, dict[str, Any]] = {
    "opaque": {"TAPAUTH_ISSUER": ISSUER},
    "jwt": signing(make_key()),
    "jwt, trusted": signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=False),
}


@pytest.fixture(params=FORMATS)
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FORMATS[request.param]


@pytest.fixture
def app(make_app: MakeApp, settings: dict[str, Any]) -> Flask:
    return make_app(**settings, TAPAUTH_RESOURCES=RESOURCES)


@pytest.fixture
def registered(register: Register) -> RegisteredClient:
    return register(grant_types=["client_credentials", "refresh_token"])


def ask(http: FlaskClient, client: RegisteredClient, *resources: str) -> TestResponse:
    """Request a token for these resources."""
    return http.post("/oauth/token", data=grant(client, resource=list(resources)))


def refresh(
    http: FlaskClient, client: RegisteredClient, answer: TestResponse, *resources: str
) -> TestResponse:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": answer.get_json()["refresh_token"],
        "resource": list(resources),
    }
    return http.post("/oauth/token", data=grant(client, **form))


def audience(http: FlaskClient, client: RegisteredClient, answer: TestResponse) -> Any:
    """Return the audience of a token, by introspection (RFC 7662 §2.2)."""
    assert answer.status_code == 200, answer.text
    form = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "token": answer.get_json()["access_token"],
    }
    told = http.post("/oauth/introspect", data=form).get_json()
    assert told["active"] is True
    return told["aud"]


def opens(http: FlaskClient, answer: TestResponse) -> int:
    token = answer.get_json()["access_token"]
    return http.get("/whoami", headers=bearer(token)).status_code


def assert_invalid_target(answer: TestResponse) -> None:
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")
