"""What the tests of ``flask_tapauth.testing`` share."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ..conftest import Register, Registered

SIGNED: dict[str, Any] = {
    "TAPAUTH_TOKEN_FORMAT": "jwt",
    "TAPAUTH_JWT_ALGORITHM": "HS256",
    "TAPAUTH_JWT_KEYS": {"keys": [{"kty": "oct", "k": "c2VjcmV0" * 8}]},
    "TAPAUTH_ISSUER": "https://as.example",
}


def whoami(http: FlaskClient) -> Any:
    answer = http.get("/whoami")
    return answer.get_json() if answer.status_code == 200 else answer.status_code


@pytest.fixture
def registered(register: Register) -> Registered:
    return register(client_id="reports")
