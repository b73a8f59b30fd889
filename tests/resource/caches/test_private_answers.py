"""No shared cache may store the answer to a token that it does not know (RFC 9111)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import (
    Flask,
    Response,
    jsonify,
)
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import (
    TapAuth,
    current_token,
    require_token,
)

from ...conftest import DATABASE_URL, bearer
from ..conftest import put
from .conftest import CACHE, OF_OTHER_CACHES, UNKNOWN_TO_CACHES, directives, varies


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
@pytest.mark.parametrize(
    "path", ["/plain", "/called", "/streamed", "/file", "/optional", "/missing"]
)
def test_an_answer_to_such_a_token_is_private(
    host: Flask, token: str, path: str, place: str
) -> None:
    """Varnish served to everybody what a token in `Access-Token` had opened."""
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
def test_a_refusal_of_such_a_token_is_private(
    host: Flask, issue_token: Any, place: str, status: int
) -> None:
    """A stored refusal would be served to callers with a valid token."""
    token = "junk" if status == 401 else issue_token(scopes="orders:write")

    answer = host.test_client().open("/plain", **put(token, place))

    assert answer.status_code == status
    assert "private" in directives(answer)
    assert answer.cache_control.no_store
    if place in ("header", "Access-Token"):
        assert "access-token" in varies(answer)


def test_an_unchanged_answer_is_private(host: Flask, token: str) -> None:
    """RFC 9111 §4.3.4: a 304 updates the headers of the stored answer."""
    headers = {"Access-Token": token, "If-None-Match": '"one"'}

    answer = host.test_client().get("/unchanged", headers=headers)

    assert answer.status_code == 304
    assert "private" in directives(answer)
    assert "access-token" in varies(answer)


def test_an_answer_of_an_error_handler_is_private(host: Flask, token: str) -> None:
    """A host's error handler may allow caches, too."""
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
    """A hook that was registered before the extension runs after ours."""
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
def test_other_directives_of_the_view_are_kept(
    app: Flask, http: FlaskClient, token: str, said: str, left: set[str]
) -> None:
    """`no-store` must stay; `private` for one field does not protect the rest."""

    @app.get("/said")
    @require_token
    def view() -> Any:
        return "", 200, {CACHE: said}

    answer = http.get("/said", headers={"Access-Token": token})

    assert directives(answer) == left


def test_an_answer_to_a_bearer_token_is_not_changed(host: Flask, token: str) -> None:
    """RFC 9111 §3.5: caches store it only if the view allows that."""
    answer = host.test_client().get("/plain", headers=bearer(token))

    assert answer.headers[CACHE] == "public, max-age=60, s-maxage=600"
    assert answer.headers["Edge-Control"] == "max-age=600"
    assert not answer.vary


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("place", ["form", "json"])
def test_a_body_of_a_get_carries_no_token(
    host: Flask, token: str, method: str, place: str
) -> None:
    """A cache answers a GET by its URL, whatever its body is."""
    sent = put(token, place)

    assert host.test_client().open("/plain", **sent).status_code == 200
    sent["method"] = method
    assert host.test_client().open("/plain", **sent).status_code == 401
