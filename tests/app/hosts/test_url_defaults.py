"""Hosts that add a value to every URL: ours stay as they are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g

from flask_tapauth import TapAuth

from ...server.implicit.browser import Browser, fragment, register_spa


@pytest.fixture
def with_defaults(app: Flask) -> Flask:
    """A host that adds a language to every URL."""

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
    """RFC 8414 §2: the metadata had `?lang=en` in its URLs."""
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
    """The form was sent to `/oauth/authorize?lang=en`."""
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)
    with with_defaults.app_context():
        browser = Browser(with_defaults, register_spa(tapauth).client_id)

    page = browser.follow_link()

    assert 'action="/oauth/authorize"' in page.text
    assert 'href="/oauth/style.css"' in page.text
    assert "access_token" in fragment(browser.decide(page))
