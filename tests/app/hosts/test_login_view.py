"""A login view that does not exist, and one that looks for `next` elsewhere."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Blueprint, Flask

from flask_tapauth import ConfigError, TapAuth

from ...conftest import MakeApp
from ...server.implicit.browser import Browser, refusal, register_spa
from ...server.implicit.conftest import MakeHost, add_flask_login


def test_a_login_view_that_does_not_exist_stops_the_first_request(
    make_app: MakeApp,
) -> None:
    """Otherwise nobody would notice it before the first sign-in."""
    app = make_app(TAPAUTH_LOGIN_VIEW="login")
    auth = Blueprint("auth", "auth")
    auth.get("/sign-in")(lambda: "Who are you?")
    auth.add_url_rule("/sign-in", "login", lambda: "Who are you?")
    app.register_blueprint(auth)

    with pytest.raises(
        ConfigError, match=r"TAPAUTH_LOGIN_VIEW.*'login'.*did you mean.* auth\.login"
    ):
        app.test_client().get("/whoami")


def test_a_login_view_may_be_added_later(make_app: MakeApp) -> None:
    """Application factories initialise extensions before they add views."""
    app = make_app(TAPAUTH_LOGIN_VIEW="auth.login")
    auth = Blueprint("auth", "auth")
    auth.add_url_rule("/sign-in", "login", lambda: "Who are you?")
    app.register_blueprint(auth)

    assert app.test_client().get("/whoami").status_code == 401


def test_a_login_view_may_be_an_address(make_app: MakeApp) -> None:
    """TAPAUTH_LOGIN_VIEW may be the URL of another server."""
    app = make_app(TAPAUTH_LOGIN_VIEW="https://login.example/")

    assert app.test_client().get("/whoami").status_code == 401


@pytest.mark.parametrize("view", ["no.such.view", "of_one_tenant"])
def test_flask_logins_view_without_an_address_is_logged(
    make_app: MakeApp, tapauth: TapAuth, caplog: pytest.LogCaptureFixture, view: str
) -> None:
    """The log must name the setting and the endpoint that has no URL."""
    app = make_app(SECRET_KEY="a key for tests")
    app.add_url_rule("/<tenant>/login", "of_one_tenant", lambda tenant: tenant)
    add_flask_login(app, login_view=view)
    with app.app_context():
        browser = Browser(app, register_spa(tapauth).client_id)

    assert refusal(browser.follow_link()) == "server_error"
    assert "TAPAUTH_LOGIN_VIEW" in caplog.text
    assert view in caplog.text


def test_next_is_in_the_session_where_flask_login_keeps_it(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """With Flask-Login's USE_SESSION_FOR_NEXT, login views look nowhere else."""
    app: Flask = make_host(USE_SESSION_FOR_NEXT=True)
    with app.app_context():
        browser = Browser(app, register_spa(tapauth).client_id)

    answer = browser.follow_link()
    with browser.http.session_transaction(base_url=browser.base_url) as session:
        kept = session["next"]

    assert kept.startswith("/oauth/authorize?")
    [sent] = parse_qs(urlsplit(answer.headers["Location"]).query)["next"]
    assert sent == kept
