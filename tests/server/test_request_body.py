"""What a view finds in its body after the guard has looked for a token."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from flask_tapauth import require_token

from ..conftest import bearer, names_no_error

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    @app.post("/form")
    @require_token
    def form() -> Any:
        return request.form.to_dict()

    @app.post("/json")
    @require_token
    def json() -> Any:
        return request.get_json()

    @app.post("/data")
    @require_token
    def data() -> bytes:
        return request.get_data()

    @app.post("/stream")
    @require_token
    def stream() -> bytes:
        body: bytes = request.stream.read()
        return body

    @app.post("/file")
    @require_token
    def file() -> bytes:
        content: bytes = request.files["file"].read()
        return content

    return app.test_client()


def test_the_view_reads_its_form(http: FlaskClient, token: str) -> None:
    """A view must still find its form, with the token's member."""
    answer = http.post("/form", data={"access_token": token, "name": "Zoë"})

    assert answer.get_json() == {"access_token": token, "name": "Zoë"}


def test_the_view_reads_its_json(http: FlaskClient, token: str) -> None:
    """A view must still find its JSON, of any shape."""
    sent = {"access_token": token, "lines": [1, {"sku": "a"}]}
    assert http.post("/json", json=sent).get_json() == sent

    listed = http.post("/json", json=[1, 2], headers=bearer(token))
    assert listed.get_json() == [1, 2]


@pytest.mark.parametrize("path", ["/data", "/stream"])
@pytest.mark.parametrize("content_type", [FORM, "application/json", "text/plain"])
def test_the_view_reads_its_raw_body(
    http: FlaskClient, token: str, path: str, content_type: str
) -> None:
    """A view must still find the raw body and the stream."""
    body = b'{"a": "b"} & %zz'

    answer = http.post(
        path, data=body, content_type=content_type, headers=bearer(token)
    )

    assert answer.data == body


def test_a_view_may_receive_broken_json(http: FlaskClient, token: str) -> None:
    """A body without a token must not stop a caller who sent one elsewhere."""
    sent: dict[str, Any] = {"data": b"{broken", "content_type": "application/json"}

    assert http.post("/data", **sent, headers=bearer(token)).data == b"{broken"
    assert http.post("/json", **sent, headers=bearer(token)).status_code == 400
    assert http.post("/json", **sent).status_code == 401


@pytest.mark.parametrize("body", [b"%FF=1", b"\xff", b"[" * 60_000, b"", b"\0"])
@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_a_body_without_a_token_is_no_token(
    http: FlaskClient, body: bytes, content_type: str
) -> None:
    """RFC 6750 §3.1: a malformed body counts as a request without a token."""
    answer = http.post("/data", data=body, content_type=content_type)

    assert answer.status_code == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])


class CountingBody(io.BytesIO):
    """A body that counts how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize(
    ("content_type", "limit"),
    [(FORM, 0), ("application/json", 0), ("multipart/form-data; boundary=x", 0)],
)
def test_a_large_body_is_not_read_for_a_token(
    http: FlaskClient, content_type: str, limit: int
) -> None:
    """Anybody could make the server parse megabytes."""
    size = 20 * 1024 * 1024
    body = CountingBody(b"a=" + b"x" * (size - 2))

    answer = http.post(
        "/form",
        input_stream=body,
        content_type=content_type,
        content_length=size,
    )

    assert answer.status_code == 401
    assert body.taken == limit


def test_a_token_in_a_body_past_the_cap_is_not_seen(
    http: FlaskClient, token: str
) -> None:
    """A body of 64 KiB is read for a token; one byte more is not."""
    padding = "x" * (64 * 1024 - len(f"access_token={token}&a="))

    fits = http.post("/form", data={"access_token": token, "a": padding})
    exceeds = http.post("/form", data={"access_token": token, "a": padding + "x"})

    assert (fits.status_code, exceeds.status_code) == (200, 401)


def test_a_token_in_a_form_of_many_fields_is_found(
    http: FlaskClient, token: str
) -> None:
    """The token in a form of over 100 fields was not found."""
    fields = {f"line{number}": "1" for number in range(2000)}

    answer = http.post("/form", data={**fields, "access_token": token})

    assert answer.status_code == 200
    assert len(answer.get_json()) == 2001


def test_a_token_in_a_multipart_form_is_not_accepted(
    http: FlaskClient, token: str
) -> None:
    """A guard must not read uploads; the view finds its files."""
    parts = {"access_token": token, "file": (io.BytesIO(b"content"), "a.txt")}
    assert http.post("/file", data=parts).status_code == 401

    parts = {"access_token": token, "file": (io.BytesIO(b"content"), "a.txt")}
    assert http.post("/file", data=parts, headers=bearer(token)).data == b"content"


def test_a_token_in_a_form_that_was_parsed_before_is_found(
    app: Flask, http: FlaskClient, token: str
) -> None:
    """A host's hook, such as a CSRF check, may have read the form."""
    app.before_request(lambda: request.form and None)

    answer = http.post("/form", data={"access_token": token, "a": "b"})

    assert answer.status_code == 200


def test_a_lower_limit_of_the_host_holds(
    app: Flask, http: FlaskClient, token: str
) -> None:
    """With Flask's MAX_CONTENT_LENGTH the answer is a 413, and not a 500."""
    app.config["MAX_CONTENT_LENGTH"] = 100

    assert http.post("/form", data={"a": "x" * 200}).status_code == 401
    answer = http.post("/form", data={"a": "x" * 200}, headers=bearer(token))
    assert answer.status_code == 413
    answer = http.post("/oauth/token", data={"a": "x" * 200})
    assert answer.get_json()["error"] == "invalid_request"
