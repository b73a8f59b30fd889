"""Content security policies of a host, its caches, and a change of its key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import flask
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman

from flask_tapauth import TapAuth

from ...server.implicit.browser import Browser, error_page, fragment, register_spa
from .conftest import Start

RequestState = Callable[[Flask], Browser]


@pytest.fixture
def visit(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> RequestState:
    """Open a browser in which Ann is signed in."""
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)

    def visit(app: Flask) -> Browser:
        app.secret_key = "a key for tests"
        start(db, tapauth, app)
        with app.app_context():
            return Browser(app, register_spa(tapauth).client_id)

    return visit


@pytest.mark.parametrize("is_first", [True, False])
def test_flask_talismans_policy_leaves_the_pages_their_style(
    visit: RequestState, is_first: bool
) -> None:
    """The policy `default-src 'self'` forbids a style inside the page."""
    app = Flask("host")
    if is_first:
        Talisman(app, force_https=False)
    browser = visit(app)
    if not is_first:
        Talisman(app, force_https=False)

    shown = browser.follow_link()

    policy = shown.headers["Content-Security-Policy"]
    for page in (shown.text, error_page(browser.follow_link(client_id="unknown"))):
        assert not re.search(r"<style|style=|<script", page)
        [address] = re.findall(r'<link rel="stylesheet" href="(.*?)">', page)
        assert address.startswith("/")  # which is 'self'
    assert "form-action" not in policy  # it would stop the way back to the client
    assert "access_token" in fragment(browser.decide(shown))


def test_browsers_may_cache_the_style(app: Flask) -> None:
    """RFC 9111 §5.2.2.1; with `nosniff`, its content type must be `text/css`."""
    http = app.test_client()

    sent = http.get("/oauth/style.css")
    again = http.get(
        "/oauth/style.css", headers={"If-None-Match": sent.headers["ETag"]}
    )

    assert sent.status_code == 200
    assert sent.mimetype == "text/css"
    assert "body {" in sent.text
    assert sent.cache_control.max_age == 3600
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name",
    ["If-Modified-Since", "If-Unmodified-Since", "If-Range", "If-None-Match", "Range"],
)
def test_no_condition_of_a_request_is_a_500(app: Flask, name: str) -> None:
    """werkzeug's parse_date raises OverflowError for such a date."""
    date = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"

    sent = app.test_client().get("/oauth/style.css", headers={name: date})

    assert sent.status_code == 200


def test_the_style_is_below_the_prefix_and_the_mount_point(
    start: Start, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """TAPAUTH_URL_PREFIX and SCRIPT_NAME are part of its URL."""
    app = start(db, tapauth, TAPAUTH_URL_PREFIX="/sign in/é")
    environ = {"SCRIPT_NAME": "/shop"}

    page = app.test_client().get("/sign in/é/authorize", environ_overrides=environ).text

    address = "/shop/sign%20in/%C3%A9/style.css"
    assert f'<link rel="stylesheet" href="{address}">' in page
    path = address.removeprefix("/shop")
    assert app.test_client().get(path).status_code == 200


@pytest.mark.skipif(
    "SECRET_KEY_FALLBACKS" not in flask.Flask.default_config,
    reason="Flask has it from 3.1 on",
)
def test_an_open_page_stays_valid_when_the_key_is_rotated(visit: RequestState) -> None:
    """Flask's SECRET_KEY_FALLBACKS: old keys still verify signatures."""
    app = Flask("host")
    browser = visit(app)
    page = browser.follow_link()

    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "a new key for tests"

    assert "access_token" in fragment(browser.decide(page))


def test_an_open_page_is_refused_when_its_key_is_removed(visit: RequestState) -> None:
    """A key that was leaked and removed must not verify signatures any longer."""
    app = Flask("host")
    browser = visit(app)
    page = browser.follow_link()

    app.config["SECRET_KEY_FALLBACKS"] = ["an even older key"]
    app.secret_key = "a new key for tests"

    assert "no longer valid" in error_page(browser.decide(page))
