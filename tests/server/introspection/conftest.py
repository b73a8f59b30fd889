"""Clients that introspect tokens, and tokens of both kinds."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ...conftest import Register, Registered, grant
from ..refresh.conftest import BOTH, request_tokens

INACTIVE = {"active": False}


@pytest.fixture
def client(register: Register) -> Registered:
    return register(grant_types=BOTH)


@pytest.fixture
def answer(http: FlaskClient, client: Registered) -> dict[str, Any]:
    """An access token and a refresh token."""
    return request_tokens(http, grant(client))


def introspect(
    http: FlaskClient, client: Registered, token: str, **more: str
) -> dict[str, Any]:
    parameters = {"client_id": client.client_id, "token": token, **more}
    if client.client_secret is not None:
        parameters["client_secret"] = client.client_secret
    answer = http.post("/oauth/introspect", data=parameters)
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    said: dict[str, Any] = answer.get_json()
    return said
