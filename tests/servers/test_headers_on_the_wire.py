"""Headers that no test client sends, and the answers to them, over a socket.

Only gunicorn is tested: test_access_token_header.py tests how servers differ.
"""

from __future__ import annotations

import pytest

from ..conftest import names_no_error
from .conftest import Stored, assert_still_answers
from .exchange import FORM, exchange, request


def test_a_lower_case_bearer_opens_the_view(port: int, stored: Stored) -> None:
    """RFC 9110 §11.1: the name of the scheme is case-insensitive."""
    answer = exchange(
        port, request("GET /whoami", f"Authorization: bearer {stored.token}")
    )

    assert answer.status == 200
    assert answer.json == {"client_id": stored.client_id}


def test_a_refusal_without_a_token_names_no_error(port: int) -> None:
    """RFC 6750 §3.1: a request without a token gets no error code."""
    answer = exchange(port, request("GET /whoami"))

    assert answer.status == 401
    [challenge] = answer.headers.get_all("WWW-Authenticate", [])
    assert names_no_error(challenge)


def test_a_refusal_of_a_token_names_the_error(port: int) -> None:
    """RFC 6750 §3.1: the error code for an unknown token is `invalid_token`."""
    answer = exchange(port, request("GET /whoami", "access_token: nonsense"))

    assert answer.status == 401
    [challenge] = answer.headers.get_all("WWW-Authenticate", [])
    assert challenge.startswith('Bearer error="invalid_token"')


def test_an_answer_to_a_token_in_the_url_is_private(port: int, stored: Stored) -> None:
    """RFC 6750 §2.3: no shared cache may keep the answer."""
    answer = exchange(port, request(f"GET /whoami?access_token={stored.token}"))

    assert answer.status == 200
    assert answer.headers.get_all("Cache-Control") == ["private"]


@pytest.mark.parametrize(
    "headers",
    [(FORM, "Authorization: Basic \xff\xfe"), ("Content-Type: \xff\xfe",)],
    ids=["Authorization", "Content-Type"],
)
def test_a_header_with_invalid_bytes_is_an_invalid_token_request(
    port: int, stored: Stored, headers: tuple[str, ...]
) -> None:
    """RFC 6749 §5.2: a malformed request is `invalid_request`, and never a 500."""
    body = b"grant_type=client_credentials"
    length = f"Content-Length: {len(body)}"

    answer = exchange(port, request("POST /oauth/token", *headers, length, body=body))

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
    assert_still_answers(port, stored)


@pytest.mark.parametrize(
    "header", ["access_token: ", "Access-Token: ", "Authorization: Bearer "]
)
def test_a_token_with_invalid_bytes_is_an_invalid_token(
    port: int, stored: Stored, header: str
) -> None:
    """RFC 6750 §3.1: a malformed token is `invalid_token`, and never a 500."""
    answer = exchange(port, request("GET /whoami", f"{header}\xff\xfe"))

    assert answer.status == 401
    assert answer.json["error"] == "invalid_token"
    assert_still_answers(port, stored)


@pytest.mark.parametrize("name", ["Authorization: Bearer", "Access-Token:"])
def test_a_repeated_header_is_refused(port: int, stored: Stored, name: str) -> None:
    """RFC 6750 §3.1, `invalid_request`: the server joins repeated headers."""
    header = f"{name} {stored.token}"
    answer = exchange(port, request("GET /whoami", header, header))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_an_empty_header_does_not_count_as_a_token(port: int, stored: Stored) -> None:
    """RFC 6749 §3.1: a parameter without a value counts as omitted."""
    headers = ["access_token:", f"Access-Token: {stored.token}"]

    assert exchange(port, request("GET /whoami", *headers)).status == 200
