"""A guard leaves the request as it came, for those who read it in another way."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from flask_tapauth import require_token

from ..conftest import bearer

FORM = "application/x-www-form-urlencoded"
SENT = {FORM: b"name=Ada&n=1", "application/json": b'{"name": "Ada"}'}


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A WSGI app of another framework, which answers with the body that it gets."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [body]


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    @app.post("/handed-on")
    @require_token
    def handed_on() -> Response:
        return Response.from_app(echo, request.environ)

    @app.post("/twice")
    @require_token
    def twice() -> Any:
        name = (request.get_json(silent=True) or request.form)["name"]
        passed = Response.from_app(echo, request.environ).get_data(as_text=True)
        return {"name": name, "passed": passed}

    mounted = DispatcherMiddleware(echo)

    @app.post("/mounted")
    @require_token
    def to_mounted() -> Response:
        return Response.from_app(mounted, request.environ)

    return app.test_client()


@pytest.mark.parametrize("mimetype", SENT)
@pytest.mark.parametrize("path", ["/handed-on", "/mounted"])
def test_a_view_hands_its_environ_on(
    http: FlaskClient, token: str, path: str, mimetype: str
) -> None:
    """A user's proxying view passed an empty body on, with a Bearer token too."""
    answer = http.post(
        path, data=SENT[mimetype], content_type=mimetype, headers=bearer(token)
    )

    assert (answer.status_code, answer.data) == (200, SENT[mimetype])


@pytest.mark.parametrize("mimetype", SENT)
def test_a_view_reads_it_and_hands_it_on(
    http: FlaskClient, token: str, mimetype: str
) -> None:
    """One who looks into a form before passing it on sent nothing on."""
    answer = http.post(
        "/twice", data=SENT[mimetype], content_type=mimetype, headers=bearer(token)
    )

    assert answer.get_json() == {"name": "Ada", "passed": SENT[mimetype].decode()}


def test_the_body_that_had_the_token_is_handed_on(
    http: FlaskClient, token: str
) -> None:
    """A token in the body; what is behind the view finds it there as well."""
    body = f"access_token={token}&name=Ada".encode()

    answer = http.post("/handed-on", data=body, content_type=FORM)

    assert (answer.status_code, answer.data) == (200, body)


def test_a_body_that_is_not_looked_at_is_handed_on(
    http: FlaskClient, token: str
) -> None:
    """Files are never read by a guard, so their stream must still be at its start."""
    sent = {"file": (io.BytesIO(b"x" * 200_000), "a.bin")}

    answer = http.post(
        "/handed-on",
        data=sent,
        content_type="multipart/form-data; boundary=b",
        headers=bearer(token),
    )

    assert answer.status_code == 200
    assert b"x" * 200_000 in answer.data
