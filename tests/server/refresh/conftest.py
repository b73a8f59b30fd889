"""Clients that refresh tokens, and a grant that issues tokens for a person."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from flask.testing import FlaskClient

from ...conftest import Register, Registered, grant

BOTH = ("client_credentials", "refresh_token")
PERSON = "urn:example:person"


class Person:
    def __init__(self, id: str, is_active: bool = True) -> None:
        self.id = id
        self.name = f"Person {id}"
        self.is_active = is_active


class PersonGrant(BaseGrant, TokenEndpointMixin):
    """A grant of the host that issues a token for any person whom a client names."""

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
    """Return the parameters of a valid refresh request (RFC 6749 §6)."""
    secret = client.client_secret
    proof = {} if secret is None else {"client_secret": secret}
    given = {"client_id": client.client_id, "refresh_token": token, **proof}
    return {"grant_type": "refresh_token", **given, **parameters}


def request_tokens(http: FlaskClient, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the tokens that the token endpoint issues."""
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
    token: str = request_tokens(http, grant(client))["refresh_token"]
    return token
