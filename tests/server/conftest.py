"""Requests to the endpoints, and checks of their refusals."""

from __future__ import annotations

import base64

from werkzeug.test import TestResponse

FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str | None) -> dict[str, str]:
    """Return the header of ``client_secret_basic`` without form-encoding it."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def assert_refused(answer: TestResponse, status: int, error: str) -> str:
    """Assert that an answer is an error of RFC 6749 §5.2; return its description."""
    assert (answer.status_code, answer.get_json().get("error")) == (status, error)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json().keys() == {"error", "error_description"}
    return str(answer.get_json()["error_description"])


def assert_failed_authentication(answer: TestResponse) -> None:
    description = assert_refused(answer, 401, "invalid_client")
    assert description == "Client authentication failed."
    assert answer.headers["WWW-Authenticate"].startswith(("Basic ", "Bearer "))
