"""A view that passes its request on finds the whole body in it."""

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
    """A WSGI app of another framework that answers with the request's body."""
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
def test_a_view_can_pass_its_environ_on(
    http: FlaskClient, token: str, path: str, mimetype: str
) -> None:
    """A user's proxy passed an empty body on, even with a Bearer token."""
    answer = http.post(
        path, data=SENT[mimetype], content_type=mimetype, headers=bearer(token)
    )

    assert (answer.status_code, answer.data) == (200, SENT[mimetype])


@pytest.mark.parametrize("mimetype", SENT)
def test_a_view_can_read_the_body_and_pass_it_on(
    http: FlaskClient, token: str, mimetype: str
) -> None:
    """A view that read a form before it passed the request on sent no body."""
    answer = http.post(
        "/twice", data=SENT[mimetype], content_type=mimetype, headers=bearer(token)
    )

    assert answer.get_json() == {"name": "Ada", "passed": SENT[mimetype].decode()}


def test_a_body_with_a_token_can_be_passed_on(http: FlaskClient, token: str) -> None:
    """The app behind the view needs the token in the body, too."""
    body = f"access_token={token}&name=Ada".encode()

    answer = http.post("/handed-on", data=body, content_type=FORM)

    assert (answer.status_code, answer.data) == (200, body)


def test_an_unread_body_can_be_passed_on(http: FlaskClient, token: str) -> None:
    """A guard reads no files, so their stream must still be at its start."""
    sent = {"file": (io.BytesIO(b"x" * 200_000), "a.bin")}

    answer = http.post(
        "/handed-on",
        data=sent,
        content_type="multipart/form-data; boundary=b",
        headers=bearer(token),
    )

    assert answer.status_code == 200
    assert b"x" * 200_000 in answer.data
