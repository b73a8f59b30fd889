"""CORS preflights, which carry no token (Fetch §4.8), and other OPTIONS requests."""

from __future__ import annotations

from typing import Any, assert_type

import pytest
from flask import Blueprint, Flask, Response, g, request
from flask.testing import FlaskClient

from flask_tapauth import AccessToken, current_token, require_token, verify_token

from ..conftest import bearer

PREFLIGHT = {
    "Origin": "https://page.example",
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization",
}


@pytest.fixture(params=["decorator", "async", "call"])
def host(request: pytest.FixtureRequest, app: Flask) -> Flask:
    """An app with a guarded blueprint, one for each way to write the guard."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")

    @require_token("orders:read")
    def guard() -> None:
        g.client_id = current_token.client_id

    @require_token("orders:read")
    async def guard_async() -> None:
        g.client_id = current_token.client_id

    def call() -> None:
        if token := verify_token("orders:read"):
            g.client_id = token.client_id

    forms: dict[str, Any] = {"decorator": guard, "async": guard_async, "call": call}
    blueprint.before_request(forms[request.param])

    @blueprint.get("/orders")
    def orders() -> str:
        client_id: str = g.client_id
        return client_id

    @blueprint.route("/own", methods=["GET", "OPTIONS"])
    def own() -> str:
        return "own"

    app.register_blueprint(blueprint)
    _allow_page(app)
    return app


def _allow_page(app: Flask) -> None:
    @app.after_request
    def allow(response: Response) -> Response:
        if "Origin" in request.headers:
            response.headers["Access-Control-Allow-Origin"] = "https://page.example"
            response.headers["Access-Control-Allow-Headers"] = "Authorization"
        return response


def test_a_preflight_passes_a_guarded_blueprint(host: Flask) -> None:
    """It got a 401, and the browser did not send the request."""
    answer = host.test_client().options("/api/orders", headers=PREFLIGHT)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_request_after_the_preflight_is_guarded(host: Flask, token: str) -> None:
    """The guard in `before_request` may be plain or async."""
    http = host.test_client()

    assert http.get("/api/orders").status_code == 401
    assert http.get("/api/orders", headers=bearer("junk")).status_code == 401
    assert http.get("/api/orders", headers=bearer(token)).status_code == 200


def test_a_view_that_answers_options_itself_is_guarded(host: Flask, token: str) -> None:
    """Its answer to OPTIONS may contain anything."""
    http = host.test_client()

    assert http.options("/api/own").status_code == 401
    assert http.options("/api/own", headers=bearer(token)).text == "own"


def test_an_app_without_automatic_options_is_guarded(app: Flask) -> None:
    """Flask's PROVIDE_AUTOMATIC_OPTIONS: the view itself would run without a token."""

    @app.route("/by-hand", methods=["OPTIONS"], provide_automatic_options=False)
    @require_token
    def by_hand() -> str:
        return "by hand"

    assert app.test_client().options("/by-hand").status_code == 401


@pytest.mark.parametrize("form", [require_token("orders:read"), None])
def test_a_guarded_app_answers_unknown_addresses_with_401(
    app: Flask, form: Any
) -> None:
    """A guard in `app.before_request` runs before the 404, for OPTIONS too."""

    def guard() -> None:
        if form is None:
            verify_token("orders:read")

    app.before_request(form(guard) if form else guard)

    assert app.test_client().get("/nowhere").status_code == 401
    assert app.test_client().options("/nowhere").status_code == 401


def test_a_preflight_has_no_token(app: Flask, token: str) -> None:
    """A preflight is not checked, so a token in it counts for nothing."""
    seen: list[Any] = []

    @app.before_request
    def guard() -> None:
        seen.append((verify_token("orders:read"), bool(current_token)))

    assert (
        app.test_client().options("/orders", headers=bearer(token)).status_code == 200
    )
    assert seen == [(None, False)]


def test_types_say_that_a_preflight_has_no_token(app: Flask, token: str) -> None:
    """mypy accepted `verify_token("a").client_id`, a 500 on each preflight."""
    with app.test_request_context(headers=bearer(token)):
        found = assert_type(verify_token("orders:read"), AccessToken | None)
        assert found is not None


def test_options_of_a_guarded_view_need_no_token(http: FlaskClient) -> None:
    """Fetch §4.8: a browser's preflight cannot carry one; Flask answers by itself."""
    assert http.options("/orders").status_code == 200
