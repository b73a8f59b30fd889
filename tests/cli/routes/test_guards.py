"""Guards are found wherever README says that they work."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView, View
from flask_caching import Cache

from flask_tapauth import require_token, verify_token

from ...conftest import MakeApp
from ...outside import run_command
from .conftest import RoutesOf, route


def nothing() -> dict[str, Any]:
    return {}


def through_wraps(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def around(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return around


@pytest.mark.parametrize(
    ("guards", "listed"),
    [
        ([], route("open")),
        ([require_token], route("required")),
        ([require_token("b", "a")], route("required", scopes=["b", "a"])),
        ([require_token("a b")], route("required", scopes=["a", "b"])),
        (
            [require_token("a", any_of=["b", "c"])],
            route("required", scopes=["a"], any_of=["b", "c"]),
        ),
        ([require_token(optional=True)], route("optional")),
        ([require_token("a", optional=True)], route("optional", scopes=["a"])),
        (
            [require_token("a", optional=True), require_token("b")],
            route("required", scopes=["b", "a"]),
        ),
        (
            [require_token(any_of=["a", "b"]), require_token(any_of=["a", "c"])],
            route("required", any_of=["a", "a b", "c a", "c b"]),
        ),
        (
            [through_wraps, require_token(any_of=["a", "b"]), through_wraps],
            route("required", any_of=["a", "b"]),
        ),
    ],
)
def test_a_view_has_the_guards_of_its_decorators(
    app: Flask, routes_of: RoutesOf, guards: list[Any], listed: dict[str, Any]
) -> None:
    """how-to/running/routes: required, optional or open, and the scopes."""
    view: Any = through_wraps(nothing)
    for guard in guards:
        view = guard(view)
    app.add_url_rule("/view", "view", view)

    assert routes_of("view") == [listed]


def test_an_async_view_is_guarded(app: Flask, routes_of: RoutesOf) -> None:
    """README: async def views too."""

    @app.get("/later")
    @require_token("a")
    async def later() -> dict[str, Any]:
        return {}

    assert routes_of("later") == [route("required", scopes=["a"])]


def test_a_guard_above_the_route_is_open(app: Flask, routes_of: RoutesOf) -> None:
    """Flask registers the function below; the guard is never called."""

    @require_token
    @app.get("/view")
    def view() -> dict[str, Any]:
        return {}

    assert routes_of("view") == [route("open")]


def test_a_guard_below_a_cache_is_open(app: Flask, routes_of: RoutesOf) -> None:
    """A cached answer is served without a call of the guard."""
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})

    @app.get("/view")
    @cache.cached()  # type: ignore[untyped-decorator,unused-ignore]
    @require_token
    def view() -> dict[str, Any]:
        return {}

    assert routes_of("view") == [route("open")]


def test_a_check_inside_the_view_is_not_seen(app: Flask, routes_of: RoutesOf) -> None:
    """how-to/running/routes: verify_token() is a call, and may stand under an if."""

    @app.get("/view")
    def view() -> dict[str, Any]:
        verify_token()
        return {}

    assert routes_of("view") == [route("open")]


def test_decorators_of_a_method_view_guard_all_methods(
    app: Flask, routes_of: RoutesOf
) -> None:
    """README: `decorators` of a MethodView."""

    class Orders(MethodView):
        decorators = [require_token("a")]  # noqa: RUF012 - Flask's type

        def get(self) -> dict[str, Any]:
            return {}

        def post(self) -> dict[str, Any]:
            return {}

    app.add_url_rule("/all", view_func=Orders.as_view("all"))

    assert routes_of("all") == [route("required", "GET", "POST", scopes=["a"])]


def test_methods_with_different_guards_are_listed_apart(
    app: Flask, routes_of: RoutesOf
) -> None:
    """A forgotten guard on POST must not hide behind the one on GET."""

    class Orders(MethodView):
        @require_token("a")
        def get(self) -> dict[str, Any]:
            return {}

        def post(self) -> dict[str, Any]:
            return {}

        def delete(self) -> dict[str, Any]:
            return {}

    app.add_url_rule("/each", view_func=Orders.as_view("each"))

    assert routes_of("each") == [
        route("open", "DELETE", "POST"),
        route("required", scopes=["a"]),
    ]


def test_a_guarded_dispatch_is_found(app: Flask, routes_of: RoutesOf) -> None:
    """A class-based view without methods of its own."""

    class Page(View):
        @require_token
        def dispatch_request(self) -> dict[str, Any]:
            return {}

    app.add_url_rule("/page", view_func=Page.as_view("page"))

    assert routes_of("page") == [route("required")]


def test_method_decorators_of_flask_restx_are_found(
    app: Flask, routes_of: RoutesOf
) -> None:
    """README: `method_decorators` of a Flask-RESTX Resource."""
    with warnings.catch_warnings():
        # Flask-RESTX imports what jsonschema deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        from flask_restx import Api, Resource

    @Api(app).route("/things")  # type: ignore[untyped-decorator,unused-ignore]
    class Things(Resource):  # type: ignore[misc,unused-ignore]
        method_decorators = (require_token("a"),)

        def get(self) -> str:
            return "things"

    assert routes_of("things") == [route("required", scopes=["a"])]


def test_method_decorators_guard_nothing_elsewhere(
    app: Flask, routes_of: RoutesOf
) -> None:
    """how-to/running/routes: Flask's own MethodView does not read them."""

    class Things(MethodView):
        method_decorators = (require_token("a"),)

        def get(self) -> str:
            return "things"

    app.add_url_rule("/things", view_func=Things.as_view("things"))

    assert app.test_client().get("/things").status_code == 200
    assert routes_of("things") == [route("open")]


def test_a_guard_on_a_method_that_is_never_called_does_not_count(
    app: Flask, routes_of: RoutesOf
) -> None:
    """how-to/running/routes: a plain View has dispatch_request, and no methods."""

    class Page(View):
        def dispatch_request(self) -> dict[str, Any]:
            return {}

        @require_token
        def get(self) -> dict[str, Any]:
            return {}

    app.add_url_rule("/page", view_func=Page.as_view("page"))

    assert app.test_client().get("/page").status_code == 200
    assert routes_of("page") == [route("open")]


def test_a_head_method_of_its_own_is_listed(app: Flask, routes_of: RoutesOf) -> None:
    """how-to/running/routes: methods with different guards have a line each."""

    class Things(MethodView):
        @require_token
        def get(self) -> str:
            return "things"

        def head(self) -> str:
            return ""

    app.add_url_rule("/things", view_func=Things.as_view("things"))

    assert app.test_client().head("/things").status_code == 200
    assert routes_of("things") == [route("required"), route("open", "HEAD")]


def test_a_view_without_a_module_is_listed(app: Flask, routes_of: RoutesOf) -> None:
    """A function that exec() made has None for its module; the command crashed."""
    made: dict[str, Any] = {}
    exec("def view(): return {}", made)  # noqa: S102
    app.add_url_rule("/made", "made", made["view"])

    assert routes_of("made") == [route("open")]


def test_a_blueprint_is_guarded_before_its_requests(
    app: Flask, routes_of: RoutesOf
) -> None:
    """README: a guarded before_request function, of blueprints around the view too."""
    outer, inner = Blueprint("outer", "outer"), Blueprint("inner", "inner")
    beside = Blueprint("beside", "beside")
    outer.before_request(require_token("a")(lambda: None))
    inner.before_request(require_token("b")(lambda: None))
    for blueprint in (outer, inner, beside):
        blueprint.add_url_rule("/view", "view", nothing)
    outer.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(outer, url_prefix="/outer")
    app.register_blueprint(beside, url_prefix="/beside")

    assert routes_of("outer.view") == [route("required", scopes=["a"])]
    assert routes_of("outer.inner.view") == [route("required", scopes=["b", "a"])]
    assert routes_of("beside.view") == [route("open")]


def test_an_app_is_guarded_before_its_requests(app: Flask, routes_of: RoutesOf) -> None:
    """A guard before all requests is in front of every view, and of static files."""
    app.before_request(require_token("a")(lambda: None))
    app.add_url_rule("/view", "view", nothing)

    assert routes_of("view") == [route("required", scopes=["a"])]
    assert routes_of("static") == [route("required", scopes=["a"])]


def test_a_misplaced_guard_before_requests_does_not_count(
    app: Flask, routes_of: RoutesOf
) -> None:
    """A guard above before_request guards nothing."""

    @require_token
    @app.before_request
    def check() -> None: ...

    app.add_url_rule("/view", "view", nothing)

    assert routes_of("view") == [route("open")]


def test_methods_that_flask_adds_are_not_listed(
    app: Flask, routes_of: RoutesOf
) -> None:
    """HEAD and OPTIONS are listed only where the view answers them itself."""
    app.add_url_rule("/a", "a", nothing, methods=["GET", "PUT"])
    app.add_url_rule("/b", "b", nothing, methods=["OPTIONS", "HEAD"])

    assert routes_of("a") == [route("open", "GET", "PUT")]
    assert routes_of("b") == [route("open", "HEAD", "OPTIONS")]


def test_our_endpoints_count_as_guarded(app: Flask, routes_of: RoutesOf) -> None:
    """They authenticate clients themselves, or are public by RFC."""
    assert routes_of("tapauth.issue_token") == [route("required", "POST")]
    assert routes_of("tapauth.public_keys") == [route("required")]


def test_scopes_that_no_token_can_have_are_named(make_app: MakeApp) -> None:
    """Guards may name scopes of TAPAUTH_SCOPES only."""
    app = make_app(TAPAUTH_SCOPES={"a": "A"})
    app.add_url_rule("/v", "view", require_token("a", any_of=["x", "y"])(nothing))

    listed = run_command(app, "routes").stdout

    assert "view  /v  GET  required  a  x y  x y\n" in listed
