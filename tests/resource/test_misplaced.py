"""A guard above the route protects nothing, and the first request says so."""

from __future__ import annotations

import gc
import logging

import pytest
from flask import Blueprint, Flask

from flask_tapauth import ConfigError, require_token

from ..conftest import bearer
from .conftest import logged


def test_a_guard_above_the_route_stops_the_view(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A user's view was open to everybody, and nothing said so."""

    @require_token("orders:read")
    @app.get("/open")
    def listed() -> str:
        return "listed"

    app.testing = False
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/open")

    assert answer.status_code == 500
    assert "listed" not in answer.text
    assert "Put the route on top and @require_token under it" in caplog.text


def test_other_views_still_answer(app: Flask, token: str) -> None:
    """One mistake must not take the whole app down."""

    @require_token
    @app.get("/open")
    def listed() -> str:
        return "listed"

    http = app.test_client()
    assert http.get("/orders", headers=bearer(token)).status_code == 200
    with pytest.raises(ConfigError, match="'listed' is not guarded"):
        http.get("/open")


def test_views_of_an_app_factory_are_noticed(app: Flask) -> None:
    """A factory drops its local names, and the guard is garbage-collected."""

    def create() -> None:
        @require_token
        @app.get("/open")
        def listed() -> str:
            return "listed"

    create()
    gc.collect()

    with pytest.raises(ConfigError, match="stands above the route"):
        app.test_client().get("/open")


def test_another_decorator_between_does_not_hide_it(app: Flask) -> None:
    """Decorators for logging and the like often stand between."""

    @require_token
    @app.get("/open")
    @logged
    def listed() -> str:
        return "listed"

    with pytest.raises(ConfigError, match="stands above the route"):
        app.test_client().get("/open")


def test_a_blueprints_view_is_noticed(app: Flask) -> None:
    """The endpoint of a blueprint's view has a prefix."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")

    @require_token
    @blueprint.get("/open")
    def listed() -> str:
        return "listed"

    app.register_blueprint(blueprint)

    with pytest.raises(ConfigError, match=r"'api\.listed' is not guarded"):
        app.test_client().get("/api/open")


@pytest.mark.parametrize("whose", ["app", "blueprint"])
def test_a_guard_above_before_request_is_noticed(app: Flask, whose: str) -> None:
    """A whole blueprint would be open."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")

    @blueprint.get("/open")
    def listed() -> str:
        return "listed"

    on = app if whose == "app" else blueprint

    @require_token
    @on.before_request
    def guard() -> None:
        return None

    app.register_blueprint(blueprint)

    with pytest.raises(ConfigError, match=r"guard\(\) runs before requests"):
        app.test_client().get("/api/open")


def test_the_same_view_at_a_second_address_hides_nothing(
    app: Flask, token: str
) -> None:
    """A user's first route was open because the second one was guarded."""
    first = Blueprint("v1", __name__, url_prefix="/v1")
    second = Blueprint("v2", __name__, url_prefix="/v2")

    @require_token("orders:read")
    @first.get("/orders")
    def listed() -> str:
        return "listed"

    second.add_url_rule("/orders", view_func=listed)
    app.register_blueprint(first)
    app.register_blueprint(second)
    http = app.test_client()

    assert http.get("/v2/orders", headers=bearer(token)).text == "listed"
    with pytest.raises(ConfigError, match=r"'v1\.listed' is not guarded"):
        http.get("/v1/orders")


def test_an_open_and_a_guarded_route_need_two_functions(app: Flask) -> None:
    """One function at both routes looks like the mistake; the error shows a way."""

    def listed() -> str:
        return "listed"

    app.add_url_rule("/guarded", "guarded", require_token(listed))
    app.add_url_rule("/bare", "bare", listed)
    app.add_url_rule("/open", "open", lambda: listed())
    http = app.test_client()

    with pytest.raises(ConfigError, match="a second function that calls it"):
        http.get("/bare")
    assert http.get("/open").text == "listed"
    assert http.get("/guarded").status_code == 401


def test_a_guard_under_the_route_is_accepted(app: Flask, token: str) -> None:
    """The right order, with other decorators above and below."""

    @app.get("/guarded")
    @logged
    @require_token
    @logged
    def listed() -> str:
        return "listed"

    http = app.test_client()
    assert http.get("/guarded").status_code == 401
    assert http.get("/guarded", headers=bearer(token)).text == "listed"
