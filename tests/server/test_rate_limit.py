"""With Flask-Limiter, a client that sends too many requests must wait."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_limiter import Limiter

from flask_tapauth import ConfigError, TapAuth

from ..conftest import MakeApp, grant


@pytest.fixture
def limited(make_app: MakeApp) -> Flask:
    app = make_app(TAPAUTH_RATE_LIMIT="2 per minute")
    Limiter(lambda: "somebody", app=app, storage_uri="memory://")
    return app


def test_endpoints_that_check_secrets_count_together(
    limited: Flask, tapauth: TapAuth
) -> None:
    """RFC 6819 §5.1.4.2.3: TAPAUTH_RATE_LIMIT stops guessing of secrets."""
    http = limited.test_client()
    with limited.app_context():
        client = tapauth.clients.create("Reports")

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
    """The limit must not count requests to the host's own views."""
    http = limited.test_client()

    statuses = {
        http.get("/.well-known/oauth-authorization-server").status_code
        for _ in range(4)
    }

    assert statuses == {200}


def test_a_limit_without_a_limiter_stops_the_app(make_app: MakeApp) -> None:
    """Without Flask-Limiter, each request passed uncounted, with only a log line."""
    http = make_app(TAPAUTH_RATE_LIMIT="1 per minute").test_client()

    for path in ("/whoami", "/oauth/token"):  # every request, not only the first
        with pytest.raises(ConfigError, match=r"TAPAUTH_RATE_LIMIT.*Flask-Limiter"):
            http.post(path)


def test_a_stopped_app_says_why_in_its_log(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    """A catch-all error handler of the host would hide the error."""
    app = make_app(TAPAUTH_RATE_LIMIT="1 per minute")
    app.register_error_handler(Exception, lambda e: ("It broke", 500))

    assert app.test_client().post("/oauth/token").status_code == 500
    assert "TAPAUTH_RATE_LIMIT" in caplog.text


@pytest.mark.parametrize("by", ["argument", "setting"])
def test_a_limiter_that_is_switched_off_does_not_stop_the_app(
    make_app: MakeApp, by: str
) -> None:
    """Hosts set Flask-Limiter's RATELIMIT_ENABLED to False in their tests."""
    app = make_app(TAPAUTH_RATE_LIMIT="1 per minute")
    if by == "setting":
        app.config["RATELIMIT_ENABLED"] = False
        Limiter(lambda: "somebody", app=app)
    else:
        Limiter(lambda: "somebody", app=app, enabled=False)
    http = app.test_client()

    statuses = [http.post("/oauth/token", data={}).status_code for _ in range(2)]

    assert statuses == [400, 400]
