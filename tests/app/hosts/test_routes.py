"""Routes of the host's beside ours: at our addresses, on hosts, with defaults."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, g, url_for
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ConfigError, TapAuth, require_token

from ...conftest import bearer, grant
from ...server.implicit.conftest import Browser, fragment, register_spa
from .conftest import Start

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
def test_a_route_of_the_hosts_at_our_address_stops_the_start(
    tapauth: TapAuth, rule: str
) -> None:
    """The first of the two won, without a word."""
    app = Flask("host")
    app.add_url_rule(rule, "own", lambda **_: "mine", methods=["POST"])

    with pytest.raises(ConfigError) as refused:
        tapauth.init_app(app)

    assert rule in str(refused.value)
    assert ("TAPAUTH_URL_PREFIX" in str(refused.value)) == rule.startswith("/oauth")
    assert "tapauth" not in app.blueprints


@pytest.mark.parametrize("rule", TAKEN)
def test_a_route_that_comes_later_stops_the_first_request(
    app: Flask, rule: str
) -> None:
    """Noticed no later than the first request, whatever it asks for."""
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
def test_the_documents_own_addresses_are_ours(tapauth: TapAuth, rule: str) -> None:
    """RFC 8414 §3.1, RFC 9728 §3.1: a host's route there hid the app's own document."""
    app = Flask("host")
    app.config.update(
        TAPAUTH_ISSUER="https://a.example/shop%20one",
        TAPAUTH_RESOURCES=["https://a.example/api"],
    )
    app.add_url_rule(rule, "own", lambda: "mine")

    with pytest.raises(ConfigError, match="Flask-TapAuth answers there"):
        tapauth.init_app(app)


def test_documents_of_others_stay_the_hosts(app: Flask) -> None:
    """A second resource of the host's, which it describes itself."""
    path = "/.well-known/oauth-protected-resource/files"
    app.add_url_rule(path, "files", lambda: "mine")

    assert app.test_client().get(path).text == "mine"


def test_routes_beside_ours_stay_the_hosts(app: Flask) -> None:
    """A host's catch-all, as single-page applications have, takes nothing from us."""
    app.add_url_rule("/<path:anything>", "pages", lambda anything: f"page {anything}")
    app.add_url_rule("/oauth/tokens", "mine", lambda: "mine")
    http = app.test_client()

    assert http.get("/oauth/tokens").text == "mine"
    assert http.get("/orders/3").text == "page orders/3"
    assert http.post("/oauth/token").status_code == 400
    assert http.get("/oauth/jwks.json").get_json() == {"keys": []}


@pytest.mark.parametrize("subdomain", ["", "api", "eu.api"])
def test_every_subdomain_of_the_app_has_the_endpoints(
    start: Start, db: SQLAlchemy, tapauth: TapAuth, subdomain: str
) -> None:
    """Routes must be reachable on every host. A user's API on a subdomain had
    guarded views, and pointed to metadata that was 404."""
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


def test_a_route_of_the_hosts_on_a_subdomain_has_our_address_too(
    start: Start, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """Ours are on every subdomain, so that one of the two would win unnoticed."""
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
    """With `host_matching`, our routes must be reachable on every host."""
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
    """Of the same kind: the page's form and style, on a host that it is shown on."""
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


@pytest.fixture
def with_defaults(app: Flask) -> Flask:
    """A host that puts its language into every URL."""

    @app.url_value_preprocessor
    def pull(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang", "en")

    @app.url_defaults
    def add(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("lang", g.lang)

    app.secret_key = "a key for tests"
    return app


def test_url_defaults_of_the_hosts_are_not_in_our_urls(
    with_defaults: Flask, tapauth: TapAuth
) -> None:
    """`?lang=en` in the metadata; RFC 8414 §2 clients compare such URLs."""
    http = with_defaults.test_client()

    for name in ("authorization-server", "protected-resource"):
        described = http.get(f"/.well-known/oauth-{name}")
        assert described.status_code == 200
        assert "lang" not in described.text
    challenge = http.get("/whoami").headers["WWW-Authenticate"]
    assert "lang" not in challenge


def test_url_defaults_of_the_hosts_are_not_in_our_pages(
    with_defaults: Flask, tapauth: TapAuth
) -> None:
    """Of the same kind: the form's address, and the style's."""
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)
    with with_defaults.app_context():
        browser = Browser(with_defaults, register_spa(tapauth).client_id)

    page = browser.follow_link()

    assert 'action="/oauth/authorize"' in page.text
    assert 'href="/oauth/style.css"' in page.text
    assert "access_token" in fragment(browser.decide(page))
