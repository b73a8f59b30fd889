"""Requests that are too long, over a socket."""

from __future__ import annotations

import pytest

from .conftest import Stored, assert_still_answers
from .exchange import exchange, form_request, request

MEGABYTE = 1024 * 1024
ENDPOINTS = ["GET /whoami", "POST /oauth/token"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("name", ["access_token", "Authorization"])
def test_a_header_of_a_megabyte_is_refused(
    port: int, stored: Stored, endpoint: str, name: str
) -> None:
    """RFC 6585 §5: a 4xx, from the server or from the app, and never a 500."""
    answer = exchange(port, request(endpoint, f"{name}: Basic {'a' * MEGABYTE}"))

    assert 400 <= answer.status < 500
    assert_still_answers(port, stored)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_url_of_a_megabyte_is_refused(
    port: int, stored: Stored, endpoint: str
) -> None:
    """RFC 9110 §15.5.15: a 4xx, from the server or from the app, never a 500."""
    answer = exchange(port, request(f"{endpoint}?access_token={'a' * MEGABYTE}"))

    assert 400 <= answer.status < 500
    assert_still_answers(port, stored)


def test_a_secret_of_a_megabyte_is_refused(port: int, stored: Stored) -> None:
    """A token request of more than 64 KiB must not be kept in memory."""
    body = stored.grant(client_secret="a" * MEGABYTE)

    answer = exchange(port, form_request("POST /oauth/token", body))

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
    assert_still_answers(port, stored)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=b",
        "application/octet-stream",
    ],
)
def test_a_long_body_without_a_token_is_refused_before_it_is_read(
    port: int, stored: Stored, media_type: str
) -> None:
    """Otherwise anybody could make the server read megabytes."""
    answer = exchange(
        port,
        request(
            "POST /whoami",
            f"Content-Type: {media_type}",
            f"Content-Length: {20 * MEGABYTE}",
            body=b"x" * (MEGABYTE // 8),  # the rest is never sent
        ),
    )

    assert answer.status == 401
    assert_still_answers(port, stored)
