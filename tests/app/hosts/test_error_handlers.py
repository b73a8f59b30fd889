"""What a refused caller gets when the host has error handlers of its own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIBlueprint, APIFlask
from flask import Flask, Response, redirect
from flask.views import MethodView
from flask_smorest import Api as Smorest
from flask_smorest import Blueprint as SmorestBlueprint
from flask_sqlalchemy import SQLAlchemy
from werkzeug.exceptions import HTTPException, Unauthorized

from flask_tapauth import TapAuth, require_token, verify_token

from ...conftest import bearer
from .conftest import Start


def plain(app: Flask) -> None:
    @app.get("/things")
    @require_token("things:read")
    def things() -> str:
        return "things"


def for_401(app: Flask) -> None:
    plain(app)
    for status in (401, 403):
        app.register_error_handler(
            status, lambda e: (f"<h1>Oops {e.code}</h1>", e.code)
        )


def catch_all(app: Flask) -> None:
    plain(app)
    app.register_error_handler(Exception, lambda e: ("<h1>It broke</h1>", 500))


def catch_http(app: Flask) -> None:
    plain(app)
    app.register_error_handler(HTTPException, lambda e: "<h1>Sorry</h1>")


def sends_to_login(app: Flask) -> None:
    plain(app)
    app.register_error_handler(HTTPException, lambda e: redirect("/login"))


def breaks(app: Flask) -> None:
    plain(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(401, lambda e: str(1 / 0))
    app.register_error_handler(403, lambda e: str(1 / 0))


def streams(app: Flask) -> None:
    plain(app)
    app.register_error_handler(
        HTTPException, lambda e: Response(iter(["<h1>", "So</h1>"]), 200)
    )


def compresses(app: Flask) -> None:
    for_401(app)

    @app.after_request
    def compress(response: Response) -> Response:
        response.set_data(b"packed")
        response.headers["Content-Encoding"] = "br"
        response.headers["X-Other"] = "kept"
        return response


def restx(app: Flask) -> None:
    with warnings.catch_warnings():
        # Flask-RESTX imports what jsonschema deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        from flask_restx import Api, Resource
    api = Api(app)

    @api.route("/things")  # type: ignore[untyped-decorator,unused-ignore]
    class Things(Resource):  # type: ignore[misc,unused-ignore]
        method_decorators = (require_token("things:read"),)

        def get(self) -> str:
            return "things"


def smorest(app: Flask) -> None:
    app.config.update(API_TITLE="t", API_VERSION="1", OPENAPI_VERSION="3.0.2")
    api = Smorest(app)
    blueprint: Any = SmorestBlueprint("things", "things")

    @blueprint.route("/things")
    class Things(MethodView):
        @blueprint.response(200)  # type: ignore[untyped-decorator]
        @require_token("things:read")
        def get(self) -> str:
            return "things"

    api.register_blueprint(blueprint)


def apiflask(app: Flask) -> None:
    blueprint: Any = APIBlueprint("api", "api")

    @blueprint.get("/things")  # type: ignore[untyped-decorator]
    @require_token("things:read")
    def things() -> str:
        return "things"

    app.register_blueprint(blueprint)


HOSTS = [
    plain,
    for_401,
    catch_all,
    catch_http,
    sends_to_login,
    breaks,
    streams,
    compresses,
    restx,
    smorest,
    apiflask,
]
Add = Callable[[Flask], None]


@pytest.fixture
def make(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> Callable[[Add], Flask]:
    def make(add: Add) -> Flask:
        app = APIFlask("host") if add is apiflask else Flask("host")
        start(db, tapauth, app)
        add(app)
        return app

    return make


@pytest.mark.parametrize("add", HOSTS)
@pytest.mark.parametrize("extension_first", [True, False])
def test_the_error_renderers_body_is_what_the_caller_gets(
    start: Start, db: SQLAlchemy, tapauth: TapAuth, add: Add, extension_first: bool
) -> None:
    """docs: the body is that of `error_renderer`, whatever error handlers return."""
    tapauth.error_renderer(lambda error: {"problem": error.error})
    app = APIFlask("host") if add is apiflask else Flask("host")
    if extension_first:
        start(db, tapauth, app)
        add(app)
    else:
        add(app)
        start(db, tapauth, app)
    with app.app_context():
        client = tapauth.clients.create("Reports", scopes=["other"])
        token = tapauth.tokens.issue(client)["access_token"]
    http = app.test_client()

    for headers, status, code in (
        ({}, 401, "invalid_token"),
        (bearer("junk"), 401, "invalid_token"),
        (bearer(token), 403, "insufficient_scope"),
    ):
        answer = http.get("/things", headers=headers)
        assert answer.status_code == status
        if add is compresses and not extension_first:
            continue  # a hook that was registered before ours runs after it
        assert answer.get_json() == {"problem": code}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.content_length == len(answer.data)
        assert "Location" not in answer.headers
        assert "Content-Encoding" not in answer.headers
        if add is compresses:
            assert answer.headers["X-Other"] == "kept"


@pytest.mark.parametrize("add", [for_401, restx, smorest, apiflask])
def test_without_a_renderer_the_body_is_the_hosts(
    make: Callable[[Add], Flask], add: Add
) -> None:
    """docs: the host's error handler decides on the body, not on the challenge."""
    answer = make(add).test_client().get("/things", headers=bearer("junk"))

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "invalid_token" not in answer.text


def test_a_view_may_catch_a_refusal(app: Flask, tapauth: TapAuth) -> None:
    """A view with `verify_token` in a `try` has a page for callers without a token."""
    tapauth.error_renderer(lambda error: {"problem": error.error})

    @app.get("/welcome")
    def welcome() -> str:
        try:
            verify_token()
        except Unauthorized:
            return "Welcome, stranger"
        return "Welcome back"

    answer = app.test_client().get("/welcome")

    assert (answer.status_code, answer.text) == (200, "Welcome, stranger")
