"""Routes of a host at our addresses stop the app, and other routes do not."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask

from flask_tapauth import ConfigError, TapAuth

TAKEN = [
    "/oauth/token",
    "/oauth/authorize",
    "/oauth/style.css",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource/<path:anything>",
    "/.well-known/oauth-authorization-server/<tenant>",
    "/.well-known/oauth-protected-resource/<int:year>/<name>",
]


@pytest.mark.parametrize("rule", TAKEN)
def test_a_route_at_our_address_stops_the_start(tapauth: TapAuth, rule: str) -> None:
    """The first of two routes won, and nobody was told."""
    app = Flask("host")
    app.add_url_rule(rule, "own", lambda **_: "mine", methods=["POST"])

    with pytest.raises(ConfigError) as refused:
        tapauth.init_app(app)

    assert rule in str(refused.value)
    assert ("TAPAUTH_URL_PREFIX" in str(refused.value)) == rule.startswith("/oauth")
    assert "tapauth" not in app.blueprints


@pytest.mark.parametrize("rule", TAKEN)
def test_a_route_that_is_added_later_stops_the_first_request(
    app: Flask, rule: str
) -> None:
    """The first request shows the error, whatever its URL."""
    blueprint = Blueprint("own", "own")
    blueprint.add_url_rule(rule, "own", lambda **_: "mine")
    app.register_blueprint(blueprint)
    http = app.test_client()

    for _ in range(2):
        with pytest.raises(ConfigError, match=r"'own\.own'"):
            http.get("/whoami")


@pytest.mark.parametrize(
    "rule",
    [
        "/.well-known/oauth-authorization-server/shop one",
        "/.well-known/oauth-protected-resource/api",
    ],
)
def test_a_route_at_the_address_of_our_metadata_stops_the_start(
    tapauth: TapAuth, rule: str
) -> None:
    """RFC 8414 §3.1, RFC 9728 §3.1: such a route hid the app's own metadata."""
    app = Flask("host")
    app.config.update(
        TAPAUTH_ISSUER="https://a.example/shop%20one",
        TAPAUTH_RESOURCES=["https://a.example/api"],
    )
    app.add_url_rule(rule, "own", lambda: "mine")

    with pytest.raises(ConfigError, match="Flask-TapAuth answers there"):
        tapauth.init_app(app)


def test_a_host_may_serve_the_metadata_of_another_resource(app: Flask) -> None:
    """RFC 9728 §3.1: a host may have a second resource, which it describes itself."""
    path = "/.well-known/oauth-protected-resource/files"
    app.add_url_rule(path, "files", lambda: "mine")

    assert app.test_client().get(path).text == "mine"


def test_other_routes_of_the_host_work(app: Flask) -> None:
    """A catch-all route, as single-page applications have, must not take ours."""
    app.add_url_rule("/<path:anything>", "pages", lambda anything: f"page {anything}")
    app.add_url_rule("/oauth/tokens", "mine", lambda: "mine")
    http = app.test_client()

    assert http.get("/oauth/tokens").text == "mine"
    assert http.get("/orders/3").text == "page orders/3"
    assert http.post("/oauth/token").status_code == 400
    assert http.get("/oauth/jwks.json").get_json() == {"keys": []}
