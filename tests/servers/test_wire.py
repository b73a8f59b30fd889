"""What only a real server shows: bytes that no test client sends, and early answers.

gunicorn alone is asked, as the example runs on it: what the rows of servers do not have
in common is the header's name, and that is tested beside this.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from ..conftest import is_bare
from .conftest import Serve, Stored
from .exchange import Answer, exchange, request
from .rows import TRUSTING

MEGABYTE = 1024 * 1024
FORM = "Content-Type: application/x-www-form-urlencoded"
CHUNKED = "Transfer-Encoding: chunked"
ENDPOINTS = ["GET /whoami", "POST /oauth/token"]


@pytest.fixture
def port(serve: Serve) -> int:
    return serve(TRUSTING)


def ask_for_token(port: int, body: bytes) -> Answer:
    length = f"Content-Length: {len(body)}"
    return exchange(port, request("POST /oauth/token", FORM, length, body=body))


def grant(stored: Stored, **parameters: str) -> bytes:
    parameters = {
        "grant_type": "client_credentials",
        "client_id": stored.client_id,
        "client_secret": stored.client_secret,
        **parameters,
    }
    return urlencode(parameters).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def assert_still_answers(port: int, stored: Stored) -> None:
    assert ask_for_token(port, grant(stored)).status == 200


def test_a_lower_case_bearer_opens_the_view(port: int, stored: Stored) -> None:
    """The seed writes the scheme so; RFC 9110 §11.1: its case is of no account."""
    answer = exchange(
        port, request("GET /whoami", f"Authorization: bearer {stored.token}")
    )

    assert answer.status == 200
    assert answer.json == {"client_id": stored.client_id}


def test_a_refusal_without_a_token_names_no_error(port: int) -> None:
    """RFC 6750 §3.1: who sent no token is told the scheme and nothing else."""
    answer = exchange(port, request("GET /whoami"))

    assert answer.status == 401
    [challenge] = answer.headers.get_all("WWW-Authenticate", [])
    assert is_bare(challenge)


def test_a_refusal_of_a_token_names_the_error(port: int) -> None:
    """RFC 6750 §3.1: a token that opens nothing is `invalid_token`."""
    answer = exchange(port, request("GET /whoami", "access_token: nonsense"))

    assert answer.status == 401
    [challenge] = answer.headers.get_all("WWW-Authenticate", [])
    assert challenge.startswith('Bearer error="invalid_token"')


def test_an_answer_to_a_token_in_the_url_is_private(port: int, stored: Stored) -> None:
    """RFC 6750 §2.3: no shared cache keeps it."""
    answer = exchange(port, request(f"GET /whoami?access_token={stored.token}"))

    assert answer.status == 200
    assert answer.headers.get_all("Cache-Control") == ["private"]


@pytest.mark.parametrize(
    "headers",
    [(FORM, "Authorization: Basic \xff\xfe"), ("Content-Type: \xff\xfe",)],
    ids=["Authorization", "Content-Type"],
)
def test_a_header_of_the_token_endpoint_that_is_no_text_is_refused(
    port: int, stored: Stored, headers: tuple[str, ...]
) -> None:
    """The contract: bad encoding is `invalid_request`, never 500."""
    body = b"grant_type=client_credentials"
    length = f"Content-Length: {len(body)}"
    answer = exchange(port, request("POST /oauth/token", *headers, length, body=body))

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
    assert_still_answers(port, stored)


@pytest.mark.parametrize(
    "header", ["access_token: ", "Access-Token: ", "Authorization: Bearer "]
)
def test_a_token_that_is_no_text_is_an_invalid_token(
    port: int, stored: Stored, header: str
) -> None:
    """The contract: a malformed token is 401 like any other bad one."""
    answer = exchange(port, request("GET /whoami", f"{header}\xff\xfe"))

    assert answer.status == 401
    assert answer.json["error"] == "invalid_token"
    assert_still_answers(port, stored)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("name", ["access_token", "Authorization"])
def test_a_header_of_a_megabyte_is_refused(
    port: int, stored: Stored, endpoint: str, name: str
) -> None:
    """The contract: over-long values are the caller's fault, whoever says so."""
    answer = exchange(port, request(endpoint, f"{name}: Basic {'a' * MEGABYTE}"))

    assert 400 <= answer.status < 500
    assert_still_answers(port, stored)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_url_of_a_megabyte_is_refused(
    port: int, stored: Stored, endpoint: str
) -> None:
    """The contract: over-long values are the caller's fault, whoever says so."""
    answer = exchange(port, request(f"{endpoint}?access_token={'a' * MEGABYTE}"))

    assert 400 <= answer.status < 500
    assert_still_answers(port, stored)


def test_a_secret_of_a_megabyte_is_refused(port: int, stored: Stored) -> None:
    """The contract: a body of more than 64 KiB is no token request."""
    answer = ask_for_token(port, grant(stored, client_secret="a" * MEGABYTE))

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
    """The contract: nobody makes us read megabytes before they are known."""
    answer = exchange(
        port,
        request(
            "POST /whoami",
            f"Content-Type: {media_type}",
            f"Content-Length: {20 * MEGABYTE}",
            body=b"x" * (MEGABYTE // 8),  # and the rest never comes
        ),
    )

    assert answer.status == 401
    assert_still_answers(port, stored)


def test_a_chunked_token_request_is_refused(port: int, stored: Stored) -> None:
    """The contract: a body's length is known before it is read."""
    body = chunked(grant(stored))
    answer = exchange(port, request("POST /oauth/token", FORM, CHUNKED, body=body))

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
    assert_still_answers(port, stored)


@pytest.mark.parametrize("end", [b"", b"zz\r\n", b"0\r\n\r\n"])
def test_no_token_is_sought_in_a_chunked_body(
    port: int, stored: Stored, end: bytes
) -> None:
    """The contract: without a length it may be endless, or no body at all."""
    token = f"access_token={stored.token}".encode()
    body = chunked(token).removesuffix(b"0\r\n\r\n") + end
    answer = exchange(port, request("POST /whoami", FORM, CHUNKED, body=body))

    assert answer.status == 401
    assert is_bare(answer.headers["WWW-Authenticate"])
    assert_still_answers(port, stored)


def test_a_view_takes_a_chunked_body_beside_a_token(port: int, stored: Stored) -> None:
    """The contract: what the body is, is the view's affair."""
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


def test_a_body_that_was_cut_off_is_refused(port: int, stored: Stored) -> None:
    """The contract: malformed; half a request might ask for more than the whole."""
    body = grant(stored)
    length = f"Content-Length: {len(body) + len('&scope=orders:read')}"
    cut = request("POST /oauth/token", FORM, length, body=body)

    answer = exchange(port, cut, hang_up=True)

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert_still_answers(port, stored)


def test_no_token_is_taken_from_a_body_that_was_cut_off(
    port: int, stored: Stored
) -> None:
    """RFC 6750 §3.1: what did not arrive whole carries no credentials."""
    token = f"access_token={stored.token}".encode()
    cut = request("POST /whoami", FORM, "Content-Length: 500", body=token)

    answer = exchange(port, cut, hang_up=True)

    assert answer.status == 401
    assert is_bare(answer.headers["WWW-Authenticate"])


@pytest.mark.parametrize("name", ["Authorization: Bearer", "Access-Token:"])
def test_a_repeated_header_is_refused(port: int, stored: Stored, name: str) -> None:
    """RFC 6750 §3.1, invalid_request: the server joins what was sent twice."""
    header = f"{name} {stored.token}"
    answer = exchange(port, request("GET /whoami", header, header))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_an_empty_header_is_no_second_token(port: int, stored: Stored) -> None:
    """RFC 6749 §3.1: a parameter without a value counts as not sent."""
    headers = ["access_token:", f"Access-Token: {stored.token}"]

    assert exchange(port, request("GET /whoami", *headers)).status == 200
