"""Flask-Login, where the app has it, says who is signed in and where to sign in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_tapauth import TapAuth, current_token, verify_token

from ...conftest import MakeApp, bearer
from .browser import (
    Browser,
    error_page,
    fragment,
    open_browser_on,
    refusal,
    register_spa,
)
from .conftest import User, add_flask_login


@pytest.fixture
def host(make_app: MakeApp) -> Flask:
    """An app that says nothing to the extension about its people.

    Not called `app`, round which pytest-flask opens a context for the whole test:
    Flask-Login keeps the user in it from one request to the next.
    """
    app = make_app(SECRET_KEY="a key for tests")
    add_flask_login(app, login_view="sign_in")
    return app


@pytest.fixture
def visitor(host: Flask, tapauth: TapAuth) -> Browser:
    return open_browser_on(host, tapauth, person=None)


def test_a_signed_out_person_goes_to_its_login_view(visitor: Browser) -> None:
    """TAPAUTH_LOGIN_VIEW defaults to Flask-Login's login view."""
    answer = visitor.follow_link()

    assert answer.status_code == 302
    login = urlsplit(answer.headers["Location"])
    assert login.path == "/sign-in"
    assert parse_qs(login.query)["next"][0].startswith("/oauth/authorize?")


def test_its_user_is_the_person_and_the_tokens_user(visitor: Browser) -> None:
    """An app with Flask-Login needs no loaders of its own."""
    visitor.sign_in("carl")

    token = fragment(visitor.allow())["access_token"]

    answer = visitor.http.get("/me", headers=bearer(token))
    assert answer.get_json() == {"type": "User", "id": "carl"}


def test_the_page_of_a_person_who_signed_out_is_refused(visitor: Browser) -> None:
    """Flask-Login's anonymous user is an object, and would pass for a person."""
    visitor.sign_in("carl")
    page = visitor.follow_link()
    visitor.sign_out()

    assert "invalid_request" in error_page(visitor.decide(page))


def test_a_login_view_may_be_an_address(make_app: MakeApp, tapauth: TapAuth) -> None:
    """Flask-Login's documentation: `login_view` is an endpoint or a URL."""
    host = make_app(SECRET_KEY="a key for tests")
    add_flask_login(host, login_view="/sign-in")

    answer = open_browser_on(host, tapauth, person=None).follow_link()

    assert answer.headers["Location"].startswith("/sign-in?")


def test_without_a_login_view_the_client_gets_a_server_error(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`, as nobody can sign in."""
    host = make_app(SECRET_KEY="a key for tests")
    add_flask_login(host)

    assert (
        refusal(open_browser_on(host, tapauth, person=None).follow_link())
        == "server_error"
    )


def test_a_token_does_not_sign_its_person_in(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """A token for one scope opened the consent page, and granted more scopes."""
    app = make_app(SECRET_KEY="a key for tests")
    add_flask_login(app, login_view="sign_in", _request_callback=lambda _: User("7"))
    browser = open_browser_on(app, tapauth, person=None)

    answer = browser.follow_link()

    assert urlsplit(answer.location).path == "/sign-in"


def test_a_token_that_a_hook_accepted_signs_nobody_in(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """A token must not sign a person in through the host's own loader either."""
    app = make_app(SECRET_KEY="a key for tests", TAPAUTH_LOGIN_VIEW="sign_in")
    add_flask_login(app)
    app.before_request(lambda: verify_token(optional=True) and None)
    tapauth.current_user_loader(lambda: current_token.user if current_token else None)
    with app.app_context():
        client = register_spa(tapauth)
        token = tapauth.tokens.issue(client, scopes="orders:read", user_id="7")
    browser = Browser(app, client.client_id)
    browser.http.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token['access_token']}"

    assert urlsplit(browser.follow_link().location).path == "/sign-in"
