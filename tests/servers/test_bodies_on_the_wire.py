"""Bodies that arrive in chunks or not completely, over a socket."""

from __future__ import annotations

import pytest

from ..conftest import names_no_error
from .conftest import Stored, assert_still_answers
from .exchange import FORM, exchange, request

CHUNKED = "Transfer-Encoding: chunked"


def chunked(body: bytes) -> bytes:
    """Return a body as one chunk and the last chunk (RFC 9112 §7.1)."""
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def test_a_chunked_token_request_is_refused(port: int, stored: Stored) -> None:
    """Without a length, the limit of 64 KiB cannot be checked before reading."""
    body = chunked(stored.grant())

    answer = exchange(port, request("POST /oauth/token", FORM, CHUNKED, body=body))

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
    assert_still_answers(port, stored)


@pytest.mark.parametrize("end", [b"", b"zz\r\n", b"0\r\n\r\n"])
def test_a_token_in_a_chunked_body_is_not_read(
    port: int, stored: Stored, end: bytes
) -> None:
    """A chunked body may be endless."""
    token = f"access_token={stored.token}".encode()
    body = chunked(token).removesuffix(b"0\r\n\r\n") + end

    answer = exchange(port, request("POST /whoami", FORM, CHUNKED, body=body))

    assert answer.status == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])
    assert_still_answers(port, stored)


def test_a_view_may_receive_a_chunked_body(port: int, stored: Stored) -> None:
    """A token in a header must not keep a view from reading an upload."""
    answer = exchange(
        port,
        request(
            "POST /whoami",
            FORM,
            CHUNKED,
            f"access_token: {stored.token}",
            body=chunked(b"name=value"),
        ),
    )

    assert answer.status == 200


def test_a_truncated_token_request_is_refused(port: int, stored: Stored) -> None:
    """A request that lost its `scope` would get every scope of the client."""
    body = stored.grant()
    length = f"Content-Length: {len(body) + len('&scope=orders:read')}"
    cut = request("POST /oauth/token", FORM, length, body=body)

    answer = exchange(port, cut, hang_up=True)

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert_still_answers(port, stored)


def test_a_token_in_a_truncated_body_is_not_read(port: int, stored: Stored) -> None:
    """RFC 6750 §3.1: an incomplete body carries no token."""
    token = f"access_token={stored.token}".encode()
    cut = request("POST /whoami", FORM, "Content-Length: 500", body=token)

    answer = exchange(port, cut, hang_up=True)

    assert answer.status == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])
