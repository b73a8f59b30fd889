"""Who is signed in at the authorization endpoint."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, current_user, login_user
from werkzeug.local import LocalProxy

from flask_tapauth import RegisteredClient, TapAuth, verify_token

from ...conftest import MakeApp, bearer
from ...server.host_grants.conftest import SETTINGS, CodeGrant, request_authorization
from ...server.host_grants.conftest import page as page


class Person(UserMixin):
    def __init__(self, id: str) -> None:
        self.id = id


@pytest.fixture
def app(tapauth: TapAuth, make_app: MakeApp) -> Flask:
    """A host with Flask-Login, whose `request_loader` accepts our tokens, too."""
    CodeGrant.codes = {}
    tapauth.server.register_grant(CodeGrant)
    app = make_app(
        SECRET_KEY="test",
        TAPAUTH_LOGIN_VIEW="login",
        **SETTINGS,
    )
    manager = LoginManager(app)
    manager.user_loader(Person)

    @manager.request_loader  # type: ignore[untyped-decorator]
    def by_token(request: Any) -> Any:
        header = request.headers.get("Authorization")
        return Person("7") if header and app.extensions["tapauth"] else None

    @app.route("/login")
    def login() -> str:
        login_user(Person("7"))
        return "signed in"

    return app


def by_current_user() -> Any:
    return current_user


def by_unwrapped_user() -> Any:
    return current_user._get_current_object()


def if_authenticated() -> Any:
    return current_user if current_user.is_authenticated else None


@pytest.fixture(params=[None, by_current_user, by_unwrapped_user, if_authenticated])
def host_loader(request: pytest.FixtureRequest, tapauth: TapAuth) -> None:
    """Set the host's `current_user_loader`, if it has one."""
    if request.param is not None:
        tapauth.current_user_loader(request.param)


@pytest.mark.usefixtures("host_loader")
def test_a_signed_in_person_is_shown_the_consent_page(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """A loader returned `current_user`, a proxy, which was taken for a coroutine."""
    http.get("/login")

    answer = request_authorization(http, page)

    assert (answer.status_code, "Order page" in answer.text) == (200, True)


@pytest.mark.usefixtures("host_loader")
def test_an_anonymous_user_is_sent_to_the_login_view(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """Flask-Login's anonymous user is an object, and true."""
    assert request_authorization(http, page).location.startswith("/login?next=")


@pytest.mark.usefixtures("host_loader")
def test_a_token_does_not_sign_its_person_in(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """The holder of a token for one scope could consent to more scopes."""
    query = {"response_type": "code", "client_id": page.client_id}

    answer = http.get("/oauth/authorize", query_string=query, headers=bearer("any"))

    assert answer.location.startswith("/login?next=")


def test_a_loader_that_accepts_a_token_signs_nobody_in(
    app: Flask, tapauth: TapAuth, http: FlaskClient, page: RegisteredClient
) -> None:
    """A host's loader called `verify_token`, which signed the token's person in."""

    def by_token() -> Any:
        token = verify_token(optional=True)
        return SimpleNamespace(id=token.user_id) if token else None

    tapauth.current_user_loader(by_token)
    with app.app_context():
        token = tapauth.tokens.issue(page.client_id, user_id="7")["access_token"]
    query = {"response_type": "code", "client_id": page.client_id}

    answer = http.get("/oauth/authorize", query_string=query, headers=bearer(token))

    assert answer.location.startswith("/login?next=")


def test_a_loader_may_return_a_proxy(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient
) -> None:
    """Hosts without Flask-Login have proxies of their own."""
    tapauth.current_user_loader(lambda: LocalProxy(lambda: SimpleNamespace(id="7")))

    assert request_authorization(http, page).status_code == 200
