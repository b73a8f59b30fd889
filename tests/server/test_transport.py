"""The token endpoint requires HTTPS, except on loopback (RFC 6749 §3.2)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ..conftest import MakeApp, Registered, grant
from .conftest import assert_failed_authentication, assert_refused


def test_plain_http_is_refused_off_loopback(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §3.2: the error names the setting and the proxy header to check."""
    answer = http.post(
        "/oauth/token", data=grant(registered), base_url="http://api.example.com"
    )

    description = assert_refused(answer, 400, "invalid_request")
    assert "TAPAUTH_REQUIRE_HTTPS" in description
    assert "X-Forwarded-Proto" in description


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.example.com",
        "http://localhost:3030",
        "http://127.0.0.1:3030",
        "http://127.8.8.8",
        "http://[::1]:3030",
    ],
)
def test_https_and_loopback_are_accepted(
    http: FlaskClient, registered: Registered, base_url: str
) -> None:
    """RFC 6749 §3.2; requests on loopback never leave the machine."""
    answer = http.post("/oauth/token", data=grant(registered), base_url=base_url)

    assert answer.status_code == 200


def test_the_setting_decides_whether_https_is_required(
    make_app: MakeApp,
) -> None:
    """TAPAUTH_REQUIRE_HTTPS, and not Authlib's environment variable."""
    http = make_app(TAPAUTH_REQUIRE_HTTPS=False).test_client()
    parameters = {"grant_type": "client_credentials"}

    answer = http.post(
        "/oauth/token", data=parameters, base_url="http://api.example.com"
    )

    assert_failed_authentication(answer)


def test_authlibs_environment_variable_does_not_allow_http(
    http: FlaskClient, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUTHLIB_INSECURE_TRANSPORT, set for another library, must not open the app."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")

    answer = http.post(
        "/oauth/token", data=grant(registered), base_url="http://api.example.com"
    )

    assert_refused(answer, 400, "invalid_request")
