"""A guard above the route guards nothing: the first request says so."""

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


def test_it_stops_that_view_alone(app: Flask, token: str) -> None:
    """The app, or that view."""

    @require_token
    @app.get("/open")
    def listed() -> str:
        return "listed"

    http = app.test_client()
    assert http.get("/orders", headers=bearer(token)).status_code == 200
    with pytest.raises(ConfigError, match="'listed' is not guarded"):
        http.get("/open")


def test_views_of_an_app_factory_are_noticed(app: Flask) -> None:
    """A factory forgets its local names, the guard that guards nothing among them."""

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
    """Logging decorators and the like stand between as often as not."""

    @require_token
    @app.get("/open")
    @logged
    def listed() -> str:
        return "listed"

    with pytest.raises(ConfigError, match="stands above the route"):
        app.test_client().get("/open")


def test_a_blueprints_view_is_noticed(app: Flask) -> None:
    """The same mistake, one level down."""
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
    """There it would leave a whole blueprint open."""
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
    """A user had the guard above the first route, and gave the guarded name to the
    second: the first was open, and nothing said so."""
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


def test_a_view_is_offered_both_ways_by_two_functions(app: Flask) -> None:
    """What is meant cannot be told from the mistake, so that the error names a way."""

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


def test_a_guard_under_the_route_is_left_alone(app: Flask, token: str) -> None:
    """The right order, with decorators of the host's on either side."""

    @app.get("/guarded")
    @logged
    @require_token
    @logged
    def listed() -> str:
        return "listed"

    http = app.test_client()
    assert http.get("/guarded").status_code == 401
    assert http.get("/guarded", headers=bearer(token)).text == "listed"
