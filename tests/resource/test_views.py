"""Views of every kind can be guarded."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask.views import MethodView

from flask_tapauth import current_token, require_token, verify_token

from ..conftest import IssueToken, Register, bearer


@pytest.fixture
def host(app: Flask) -> Flask:
    """The app with views of every kind."""

    @app.get("/both")
    @require_token("orders:read", "orders:write")
    def both() -> str:
        return "both"

    @app.get("/either")
    @require_token(any_of=["orders:read", "orders:write"])
    def either() -> str:
        return "either"

    @app.get("/one-and-either")
    @require_token("admin", any_of=("orders:read", "orders:write"))
    def one_and_either() -> str:
        return "one and either"

    @app.get("/optional")
    @require_token("orders:read", optional=True)
    def optional() -> dict[str, Any]:
        return {"client_id": current_token.client_id if current_token else None}

    @app.get("/async")
    @require_token("orders:read")
    async def asynchronous() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"client_id": current_token.client_id}

    class Orders(MethodView):
        decorators = [require_token("orders:read")]  # noqa: RUF012 - Flask's type

        def get(self) -> str:
            return "got"

        async def post(self) -> str:
            return "posted"

    app.add_url_rule("/method-view", view_func=Orders.as_view("method_view"))

    blueprint = Blueprint("guarded", __name__, url_prefix="/guarded")

    @blueprint.before_request
    def guard() -> None:
        verify_token("orders:read")

    @blueprint.get("/")
    @require_token("orders:write")
    def guarded() -> str:
        return current_token.client_id

    app.register_blueprint(blueprint)
    return app


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        ("/both", "orders:read", 403),
        ("/both", "orders:read orders:write", 200),
        ("/either", "orders:read", 200),
        ("/either", "orders:write", 200),
        ("/either", "other", 403),
        ("/one-and-either", "orders:read", 403),
        ("/one-and-either", "admin", 403),
        ("/one-and-either", "admin orders:write", 200),
        ("/async", "orders:read", 200),
        ("/async", "orders:write", 403),
        ("/method-view", "orders:read", 200),
        ("/method-view", "orders:write", 403),
        ("/guarded/", "orders:read orders:write", 200),
        ("/guarded/", "orders:read", 403),
        ("/guarded/", "orders:write", 403),
        ("/optional", "orders:read", 200),
        ("/optional", "orders:write", 403),
    ],
)
def test_scopes_open_views_of_every_kind(
    host: Flask,
    register: Register,
    issue_token: IssueToken,
    path: str,
    scopes: str,
    status: int,
) -> None:
    """All required scopes, or one of `any_of`."""
    client = register(scopes="orders:read orders:write admin other")
    token = issue_token(client, scopes=scopes)

    answer = host.test_client().get(path, headers=bearer(token))

    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/both", "/either", "/async", "/method-view", "/guarded/"]
)
def test_views_of_every_kind_refuse_a_request_without_token(
    host: Flask, path: str
) -> None:
    """The answer is a 401, and the view does not run."""
    assert host.test_client().get(path).status_code == 401


def test_a_method_view_guards_each_of_its_methods(host: Flask, token: str) -> None:
    """Flask's `MethodView.decorators`, with plain and async methods."""
    http = host.test_client()

    assert http.post("/method-view").status_code == 401
    assert http.post("/method-view", headers=bearer(token)).text == "posted"


def test_optional_lets_a_request_without_token_through(host: Flask, token: str) -> None:
    """With `optional=True`, `current_token` is falsy; bad tokens are still refused."""
    http = host.test_client()

    assert http.get("/optional").get_json() == {"client_id": None}
    assert http.get("/optional", headers=bearer(token)).get_json()["client_id"]
    assert http.get("/optional", headers=bearer("junk")).status_code == 401


def test_head_is_guarded_as_get_is(http: FlaskClient, token: str) -> None:
    """RFC 9110 §9.3.2: HEAD has the headers of GET."""
    assert http.head("/orders").status_code == 401
    assert http.head("/orders", headers=bearer(token)).status_code == 200


def test_a_guarded_view_keeps_its_name_and_docstring(host: Flask) -> None:
    """Tools read the name, the docstring and whether a function is async."""

    async def view() -> str:
        """Documented."""
        return ""

    guarded = require_token("orders:read")(view)

    assert (guarded.__name__, guarded.__doc__) == ("view", "Documented.")
    assert inspect.iscoroutinefunction(guarded)
    assert not inspect.iscoroutinefunction(require_token(lambda: ""))
