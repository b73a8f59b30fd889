"""Apps with several hosts or subdomains have our endpoints on each of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ConfigError, TapAuth, require_token

from ...conftest import bearer, grant
from ...server.implicit.browser import Browser, fragment, register_spa
from .conftest import Start


@pytest.mark.parametrize("subdomain", ["", "api", "eu.api"])
def test_every_subdomain_of_the_app_has_the_endpoints(
    start: Start, db: SQLAlchemy, tapauth: TapAuth, subdomain: str
) -> None:
    """The API of a user's subdomain pointed to metadata that was a 404."""
    app = Flask("host", subdomain_matching=True)
    start(db, tapauth, app, SERVER_NAME="shop.example", TAPAUTH_REQUIRE_HTTPS=False)
    app.add_url_rule("/", "home", lambda: "home", subdomain="api")
    base_url = f"http://{subdomain}.shop.example".replace("/.", "/")
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports")
        assert url_for("tapauth.authorize") == "http://shop.example/oauth/authorize"

    answer = http.post("/oauth/token", data=grant(client), base_url=base_url)

    assert answer.status_code == 200, answer.text
    for path in ("/oauth/jwks.json", "/.well-known/oauth-protected-resource"):
        assert http.get(path, base_url=base_url).status_code == 200, path
    described = http.get(
        "/.well-known/oauth-authorization-server", base_url=base_url
    ).get_json()
    assert described["token_endpoint"] == f"{base_url}/oauth/token"


def test_a_route_at_our_address_on_a_subdomain_stops_the_start(
    start: Start, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """Our routes are on every subdomain, so one of the two would never be called."""
    app = Flask("host", subdomain_matching=True)
    app.get("/oauth/token", subdomain="old")(lambda: "mine")

    with pytest.raises(ConfigError, match="/oauth/token"):
        start(db, tapauth, app, SERVER_NAME="shop.example")


@pytest.fixture
def by_host(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> Flask:
    app = Flask("host", host_matching=True, static_host="static.example")
    start(db, tapauth, app, TAPAUTH_REQUIRE_HTTPS=False, SECRET_KEY="a key for tests")
    for name in ("api", "www"):
        app.add_url_rule("/", name, lambda: "home", host=f"{name}.example")

    @app.get("/me", host="<anything>")
    @require_token
    def me(anything: str) -> str:
        return anything

    return app


HOSTS = ["api.example", "www.example:8080", "other.example", "[::1]:5000"]


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_of_the_app_has_the_endpoints(
    by_host: Flask, tapauth: TapAuth, host: str
) -> None:
    """With Flask's `host_matching`, a route is on one host unless it says more."""
    base_url = f"http://{host}"
    http = by_host.test_client()
    with by_host.app_context():
        client = tapauth.clients.create("Reports")

    answer = http.post("/oauth/token", data=grant(client), base_url=base_url)

    assert answer.status_code == 200, answer.text
    token = answer.get_json()["access_token"]
    assert http.get("/me", headers=bearer(token), base_url=base_url).status_code == 200
    for path in ("authorization-server", "protected-resource"):
        found = http.get(f"/.well-known/oauth-{path}", base_url=base_url)
        assert found.status_code == 200, path
    described = http.get(
        "/.well-known/oauth-authorization-server", base_url=base_url
    ).get_json()
    assert described["issuer"] == base_url
    assert described["token_endpoint"] == f"{base_url}/oauth/token"
    assert http.get("/oauth/style.css", base_url=base_url).status_code == 200


def test_the_consent_page_is_on_every_host(by_host: Flask, tapauth: TapAuth) -> None:
    """The form and the style of the page must be on the host of the page."""
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)
    with by_host.app_context():
        client_id = register_spa(tapauth).client_id
    browser = Browser(by_host, client_id, base_url="http://www.example")

    page = browser.follow_link()

    assert 'action="/oauth/authorize"' in page.text
    assert "access_token" in fragment(browser.decide(page))
    with by_host.test_request_context("/", base_url="http://www.example"):
        assert url_for("tapauth.decide") == "/oauth/authorize"
