"""Helpers for requests to the endpoints, and for their refusals."""

from __future__ import annotations

import base64

from werkzeug.test import TestResponse

FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str | None) -> dict[str, str]:
    """The header of ``client_secret_basic``, not form-encoded (RFC 6749 §2.3.1)."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def assert_refused(answer: TestResponse, status: int, error: str) -> str:
    """Check that an answer is an error of RFC 6749 §5.2; return its description."""
    assert (answer.status_code, answer.get_json().get("error")) == (status, error)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json().keys() == {"error", "error_description"}
    return str(answer.get_json()["error_description"])


def assert_failed_authentication(answer: TestResponse) -> None:
    description = assert_refused(answer, 401, "invalid_client")
    assert description == "Client authentication failed."
    assert answer.headers["WWW-Authenticate"].startswith(("Basic ", "Bearer "))
