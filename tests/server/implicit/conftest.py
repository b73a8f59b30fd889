"""A host with a login view and two people, and a client for a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from flask import Flask, redirect, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user
from werkzeug import Response

from flask_tapauth import (
    RegisteredClient,
    TapAuth,
    current_token,
    require_token,
)

from ...conftest import MakeApp, Register
from .browser import (
    Browser,
    register_spa,
)

SCOPES = {
    "orders:read": "See your orders",
    "orders:write": "Change your orders",
    "orders:delete": "Delete your orders",
}


@dataclass(frozen=True)
class Person:
    id: str
    name: str


PEOPLE = {p.id: p for p in (Person("ann", "Ann Archer"), Person("bob", "Bob Baker"))}


class MakeHost(Protocol):
    def __call__(self, **settings: Any) -> Flask: ...


@pytest.fixture
def make_host(make_app: MakeApp, tapauth: TapAuth) -> MakeHost:
    """Make apps where people sign in."""

    def make(**settings: Any) -> Flask:
        defaults = {
            "SECRET_KEY": "a key for tests",
            "TAPAUTH_LOGIN_VIEW": "login",
            "TAPAUTH_SCOPES": SCOPES,
        }
        app = make_app(**{**defaults, **settings})
        _add_sign_in(app)
        tapauth.current_user_loader(lambda: PEOPLE.get(session.get("person", "")))
        return app

    return make


@pytest.fixture
def app(make_host: MakeHost) -> Flask:
    return make_host()


@pytest.fixture
def register(app: Flask, tapauth: TapAuth) -> Register:
    """Return a function that registers clients, by default for browsers."""
    return lambda name="Explorer", **changes: register_spa(tapauth, name, **changes)


Open = Callable[..., Browser]


@pytest.fixture
def open_browser(app: Flask, registered: RegisteredClient) -> Open:
    """Open a browser on the app, with a person signed in where one is named."""

    def open_browser(
        person: str | None = None, client: RegisteredClient = registered
    ) -> Browser:
        browser = Browser(app, client.client_id)
        if person is not None:
            browser.sign_in(person)
        return browser

    return open_browser


@pytest.fixture
def browser(open_browser: Open) -> Browser:
    """The browser in which Ann is signed in."""
    return open_browser("ann")


def _add_sign_in(app: Flask) -> None:
    @app.get("/login")
    def login() -> str:
        return "Who are you?"

    @app.post("/login")
    def signed_in() -> Response:
        session["person"] = request.form["person"]
        return redirect(request.form["next"])

    @app.post("/logout")
    def logout() -> str:
        session.pop("person", None)
        return "Good bye"


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


class User(UserMixin):
    def __init__(self, user_id: str) -> None:
        self.id = user_id
