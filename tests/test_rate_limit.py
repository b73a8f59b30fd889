"""Who asks too often is told to wait, where Flask-Limiter is on the app."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask_limiter import Limiter

from flask_tapauth import TapAuth

from .conftest import MakeApp, grant


@pytest.fixture
def limited(make_app: MakeApp) -> Flask:
    app = make_app(TAPAUTH_RATE_LIMIT="2 per minute")
    Limiter(lambda: "somebody", app=app, storage_uri="memory://")
    return app


def test_endpoints_that_check_secrets_count_together(
    limited: Flask, tapauth: TapAuth
) -> None:
    """The contract: TAPAUTH_RATE_LIMIT; RFC 6819 §5.1.4.2.3 against guessing."""
    http = limited.test_client()
    with limited.app_context():
        client = tapauth.register_client("Reports")

    answers = [
        http.post("/oauth/token", data=grant(client, client_secret="guess")),
        http.post("/oauth/introspect", data={}),
        http.post("/oauth/revoke", data={}),
        http.post("/oauth/token", data=grant(client)),
    ]

    assert [answer.status_code for answer in answers] == [401, 400, 429, 429]
    refused = answers[-1]
    assert refused.get_json()["error"] == "temporarily_unavailable"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61


def test_other_endpoints_do_not_count(limited: Flask) -> None:
    """The contract: the token, revocation and introspection endpoints alone."""
    http = limited.test_client()

    statuses = {
        http.get("/.well-known/oauth-authorization-server").status_code
        for _ in range(4)
    }

    assert statuses == {200}


def test_a_limit_without_a_limiter_is_told(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    """The contract: where Flask-Limiter is initialised; else it is an error to see."""
    http = make_app(TAPAUTH_RATE_LIMIT="1 per minute").test_client()

    with caplog.at_level(logging.ERROR):
        statuses = [http.post("/oauth/token", data={}).status_code for _ in range(2)]

    assert statuses == [400, 400]
    assert "no Flask-Limiter" in caplog.text
