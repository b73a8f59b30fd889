"""Flask-Login, where the app has it, says who is signed in and where to sign in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask_login import LoginManager, UserMixin, login_user, logout_user

from flask_tapauth import TapAuth, current_token, require_token

from ..conftest import MakeApp, bearer
from .conftest import Browser, error_page, fragment, refusal, register_spa


class User(UserMixin):
    def __init__(self, user_id: str) -> None:
        self.id = user_id


def add_flask_login(app: Flask, **attributes: Any) -> None:
    manager = LoginManager(app)
    vars(manager).update(attributes)
    manager.user_loader(User)

    @app.get("/sign-in")
    def sign_in() -> str:
        return "Who are you?"

    @app.post("/login")
    def signed_in() -> str:
        login_user(User(request.form["person"]))
        return "Welcome"

    @app.post("/logout")
    def logout() -> str:
        logout_user()
        return "Good bye"

    @app.get("/me")
    @require_token
    def me() -> dict[str, Any]:
        return {"type": type(current_token.user).__name__, "id": current_token.user.id}


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
    return visit(host, tapauth)


def visit(host: Flask, tapauth: TapAuth) -> Browser:
    with host.app_context():
        return Browser(host, register_spa(tapauth).client_id)


def test_a_signed_out_person_goes_to_its_login_view(visitor: Browser) -> None:
    """The contract: TAPAUTH_LOGIN_VIEW defaults to Flask-Login's."""
    answer = visitor.ask()

    assert answer.status_code == 302
    login = urlsplit(answer.headers["Location"])
    assert login.path == "/sign-in"
    assert parse_qs(login.query)["next"][0].startswith("/oauth/authorize?")


def test_its_user_is_the_person_and_the_tokens_user(visitor: Browser) -> None:
    """The contract: both loaders default to Flask-Login's."""
    visitor.sign_in("carl")

    token = fragment(visitor.allow())["access_token"]

    answer = visitor.http.get("/me", headers=bearer(token))
    assert answer.get_json() == {"type": "User", "id": "carl"}


def test_the_page_of_a_person_who_signed_out_is_worth_nothing(visitor: Browser) -> None:
    """The issue, point 4: its anonymous user is nobody."""
    visitor.sign_in("carl")
    page = visitor.ask()
    visitor.sign_out()

    assert "invalid_request" in error_page(visitor.decide(page))


def test_a_login_view_may_be_an_address(make_app: MakeApp, tapauth: TapAuth) -> None:
    """Flask-Login's documentation: `login_view` is an endpoint or a URL."""
    host = make_app(SECRET_KEY="a key for tests")
    add_flask_login(host, login_view="/sign-in")

    answer = visit(host, tapauth).ask()

    assert answer.headers["Location"].startswith("/sign-in?")


def test_without_any_login_view_the_client_is_told(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`; the log says what to set."""
    host = make_app(SECRET_KEY="a key for tests")
    add_flask_login(host)

    assert refusal(visit(host, tapauth).ask()) == "server_error"
