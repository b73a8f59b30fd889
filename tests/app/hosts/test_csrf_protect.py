"""Hosts with Flask-WTF's `CSRFProtect`: clients of an API have no CSRF token."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from flask_tapauth import TapAuth

from ...conftest import grant
from ...server.implicit.browser import Browser, fragment, register_spa
from .conftest import Start


@pytest.fixture(params=["before", "after"])
def host(
    start: Start, db: SQLAlchemy, tapauth: TapAuth, request: pytest.FixtureRequest
) -> Flask:
    app = Flask("host")
    app.secret_key = "a key for tests"
    if request.param == "before":
        CSRFProtect(app)
    start(db, tapauth, app)
    if request.param == "after":
        CSRFProtect(app)
    app.post("/hosts-own")(lambda: "posted")
    return app


def test_machine_clients_are_answered(host: Flask, tapauth: TapAuth) -> None:
    """Clients got an HTML page, "The CSRF token is missing", at the token endpoint."""
    with host.app_context():
        client = tapauth.clients.create("Reports")
    http = host.test_client()

    answer = http.post("/oauth/token", data=grant(client))

    assert answer.status_code == 200, answer.text
    for path in ("/oauth/introspect", "/oauth/revoke"):
        form = {**grant(client), "token": answer.get_json()["access_token"]}
        assert http.post(path, data=form).status_code == 200


def test_the_hosts_own_forms_stay_protected(host: Flask) -> None:
    """Only the extension's routes may be exempt."""
    http = host.test_client()
    http.post("/oauth/token")

    assert http.post("/hosts-own").status_code == 400


def test_the_consent_form_can_be_answered(host: Flask, tapauth: TapAuth) -> None:
    """The consent form has a signed field of its own instead."""
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)
    with host.app_context():
        browser = Browser(host, register_spa(tapauth).client_id)

    assert "access_token" in fragment(browser.allow())


def test_another_extension_may_be_called_csrf(app: Flask) -> None:
    """Other extensions may use the name "csrf" in `app.extensions`."""
    app.extensions["csrf"] = object()

    assert app.test_client().post("/oauth/token").status_code == 400
