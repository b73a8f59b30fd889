"""What shared caches may do with the answer of a guarded view (RFC 9111)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    request,
    send_file,
    stream_with_context,
)
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import (
    ConfigError,
    TapAuth,
    current_token,
    require_token,
    verify_token,
)

from ..conftest import DATABASE_URL, bearer
from .test_token_places import put

UNKNOWN_TO_CACHES = ("header", "Access-Token", "form", "json", "query")
CACHE = "Cache-Control"
OF_OTHER_CACHES = (
    "CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    "netlify-cdn-cache-control",
    "Akamai-Cache-Control",
    "Surrogate-Control",
    "Edge-Control",
    "X-Accel-Expires",
)


def varies(answer: TestResponse) -> set[str]:
    return {name.lower() for name in answer.vary}


def directives(answer: TestResponse) -> set[str]:
    return set(answer.headers[CACHE].split(", "))


@pytest.fixture
def host(app: Flask) -> Flask:
    """An app whose every view invites shared caches."""

    def invite(response: Response) -> Response:
        response.headers[CACHE] = "public, max-age=60, s-maxage=600"
        for name in OF_OTHER_CACHES:
            response.headers[name] = "max-age=600"
        return response

    @app.route("/plain", methods=["GET", "POST"])
    @require_token("orders:read")
    def plain() -> Response:
        return invite(make_response("text"))

    @app.route("/called", methods=["GET", "POST"])
    def called() -> Response:
        verify_token("orders:read")
        return invite(make_response("text"))

    @app.route("/streamed", methods=["GET", "POST"])
    @require_token("orders:read")
    def streamed() -> Response:
        return invite(current_app.response_class(iter(["te", "xt"])))

    @app.route("/file", methods=["GET", "POST"])
    @require_token("orders:read")
    def file() -> Response:
        return invite(send_file(io.BytesIO(b"text"), "text/plain"))

    @app.route("/optional", methods=["GET", "POST"])
    @require_token("orders:read", optional=True)
    def optional() -> Response:
        return invite(make_response("known" if current_token else "anybody"))

    @app.route("/missing", methods=["GET", "POST"])
    @require_token("orders:read")
    def missing() -> Response:
        return make_response("nothing here", 404)

    @app.route("/unchanged", methods=["GET", "POST"])
    @require_token("orders:read")
    def unchanged() -> Response:
        response = invite(make_response("text"))
        response.set_etag("one")
        response.make_conditional(request)
        return response

    return app


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
@pytest.mark.parametrize(
    "path", ["/plain", "/called", "/streamed", "/file", "/optional", "/missing"]
)
def test_an_answer_to_such_a_token_is_for_its_caller_alone(
    host: Flask, token: str, path: str, place: str
) -> None:
    """Varnish served what Access-Token had opened to everybody."""
    answer = host.test_client().open(path, **put(token, place))

    assert answer.status_code == (404 if path == "/missing" else 200)
    assert "private" in directives(answer)
    assert not answer.cache_control.public
    assert answer.cache_control.s_maxage is None
    for name in OF_OTHER_CACHES:
        assert name not in answer.headers
    assert ("access-token" in varies(answer)) == (
        place in ("header", "Access-Token") or path == "/optional"
    )


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_such_a_token_is_for_its_caller_alone(
    host: Flask, issue_token: Any, place: str, status: int
) -> None:
    """Refusals too, and they stay unstored."""
    token = "junk" if status == 401 else issue_token(scopes="orders:write")

    answer = host.test_client().open("/plain", **put(token, place))

    assert answer.status_code == status
    assert "private" in directives(answer)
    assert answer.cache_control.no_store
    if place in ("header", "Access-Token"):
        assert "access-token" in varies(answer)


def test_an_unchanged_answer_is_for_its_caller_alone(host: Flask, token: str) -> None:
    """RFC 9111 §4.3.4: a 304 brings new headers to what is stored."""
    headers = {"Access-Token": token, "If-None-Match": '"one"'}

    answer = host.test_client().get("/unchanged", headers=headers)

    assert answer.status_code == 304
    assert "private" in directives(answer)
    assert "access-token" in varies(answer)


def test_what_errorhandlers_make_is_for_its_caller_alone(
    host: Flask, token: str
) -> None:
    """Errors of the view and refusals, as the host answers them."""
    host.config["PROPAGATE_EXCEPTIONS"] = False

    @host.get("/fails")
    @require_token
    def fails() -> str:
        raise LookupError(current_token.client_id)

    @host.errorhandler(401)
    @host.errorhandler(LookupError)
    def answer_well(error: Exception) -> Any:
        return jsonify(error=type(error).__name__), 200, {CACHE: "public"}

    for path, sent in (("/fails", token), ("/plain", "junk")):
        answer = host.test_client().get(path, headers={"Access-Token": sent})
        assert answer.status_code == 200
        assert answer.headers[CACHE] == "private"
        assert "access-token" in varies(answer)


def test_hooks_of_the_host_cannot_make_it_public_again() -> None:
    """A hook that was registered before the extension runs after the extension's."""
    app = Flask("early")
    app.config["SQLALCHEMY_DATABASE_URI"] = DATABASE_URL

    @app.after_request
    def invite(response: Response) -> Response:
        response.headers[CACHE] = "public, max-age=60"
        return response

    TapAuth(app, SQLAlchemy(app))
    app.add_url_rule("/orders", view_func=require_token(lambda: "orders"))

    answer = app.test_client().get("/orders", headers={"Access-Token": "junk"})

    assert "private" in directives(answer)
    assert not answer.cache_control.public


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("no-store", {"no-store", "private"}),
        ("no-cache, max-age=0", {"no-cache", "max-age=0", "private"}),
        ('private="set-cookie"', {"private"}),
    ],
)
def test_the_rest_of_what_the_view_said_stays(
    app: Flask, http: FlaskClient, token: str, said: str, left: set[str]
) -> None:
    """`no-store` stays; `private` for one field is less than we need."""

    @app.get("/said")
    @require_token
    def view() -> Any:
        return "", 200, {CACHE: said}

    answer = http.get("/said", headers={"Access-Token": token})

    assert directives(answer) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Cookie", {"cookie", "access-token", "access_token"}),
        ("access-token", {"access-token", "access_token"}),
        ("*", {"*"}),
    ],
)
def test_vary_is_added_to(
    app: Flask, http: FlaskClient, token: str, said: str, left: set[str]
) -> None:
    """RFC 9110 §12.5.5: a list of names, or the one `*`."""

    @app.get("/said")
    @require_token
    def view() -> Any:
        return "", 200, {"Vary": said}

    answer = http.get("/said", headers={"Access-Token": token})

    assert varies(answer) == left
    assert len(answer.vary) == len(left)


def test_a_bearer_token_leaves_the_answer_as_the_view_made_it(
    host: Flask, token: str
) -> None:
    """RFC 9111 §3.5: caches know `Authorization`; what is public is the view's word."""
    answer = host.test_client().get("/plain", headers=bearer(token))

    assert answer.headers[CACHE] == "public, max-age=60, s-maxage=600"
    assert answer.headers["Edge-Control"] == "max-age=600"
    assert not answer.vary


def test_the_two_answers_of_an_optional_view_are_told_apart(host: Flask) -> None:
    """A stored answer for anybody was served to those who sent a token."""
    answer = host.test_client().get("/optional")

    assert answer.text == "anybody"
    assert answer.cache_control.public
    assert varies(answer) == {"authorization", "access-token", "access_token"}


def test_an_optional_view_varies_with_a_bearer_token_too(
    host: Flask, token: str
) -> None:
    """RFC 9111 §4.1: what is `public` by the view's word is stored with its `Vary`."""
    answer = host.test_client().get("/optional", headers=bearer(token))

    assert {"authorization", "access-token"} <= varies(answer)


def test_a_page_in_place_of_a_missing_token_is_told_apart(host: Flask) -> None:
    """A sign-in page with status 200 was stored and served to those with a token."""
    host.register_error_handler(401, lambda error: ("please sign in", 200))

    answer = host.test_client().get("/plain")

    assert answer.status_code == 200
    assert "access-token" in varies(answer)


def _streamed(host: Flask, *, checks_first: bool) -> None:
    def lines() -> Iterator[str]:
        verify_token()
        yield "text"

    @host.route("/late", methods=["GET", "POST"])
    def late() -> Response:
        if checks_first:
            verify_token()
        headers = {CACHE: "public, max-age=60"}
        return current_app.response_class(stream_with_context(lines()), headers=headers)


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
def test_a_stream_that_looks_too_late_for_its_token_sends_nothing(
    host: Flask, token: str, place: str
) -> None:
    """What such a token opened went out as `public`: the headers had been sent."""
    _streamed(host, checks_first=False)

    with pytest.raises(ConfigError, match="'late' first looks for a token while"):
        host.test_client().open("/late", **put(token, place))


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
def test_a_stream_that_looked_in_time_is_for_its_caller_alone(
    host: Flask, token: str, place: str
) -> None:
    """how-to/app/guarding: call it in the view too, before the stream begins."""
    _streamed(host, checks_first=True)

    answer = host.test_client().open("/late", **put(token, place))

    assert answer.text == "text"
    assert "private" in directives(answer)
    assert not answer.cache_control.public


def test_a_stream_may_look_late_for_a_bearer_token(host: Flask, token: str) -> None:
    """RFC 9111 §3.5: caches know that one."""
    _streamed(host, checks_first=False)

    assert host.test_client().get("/late", headers=bearer(token)).text == "text"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("place", ["form", "json"])
def test_a_body_of_a_get_carries_no_token(
    host: Flask, token: str, method: str, place: str
) -> None:
    """Caches answer a GET by its URL, whatever its body says."""
    sent = put(token, place)

    assert host.test_client().open("/plain", **sent).status_code == 200
    sent["method"] = method
    assert host.test_client().open("/plain", **sent).status_code == 401
