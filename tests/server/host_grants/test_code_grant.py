"""An Authlib grant of the host's own: the authorization code with PKCE (RFC 7636)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ...conftest import bearer
from .conftest import allow, exchange, request_authorization


def test_a_code_becomes_tokens_that_can_be_renewed(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1, RFC 9207: by the consent page, for the person who allowed it."""
    given = allow(http, page)
    tokens = exchange(http, page, given["code"]).get_json()
    renewal = {
        "grant_type": "refresh_token",
        "client_id": page.client_id,
        "refresh_token": tokens["refresh_token"],
    }
    renewed = http.post("/oauth/token", data=renewal).get_json()

    assert (given["state"], given["iss"]) == ("kept", "http://localhost")
    for answer in (tokens, renewed):
        said = http.get("/whoami", headers=bearer(answer["access_token"])).get_json()
        assert (said["user_id"], said["scopes"]) == ("7", ["orders:read"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"resource": "https://nowhere.example"}, "invalid_target"),
    ],
)
def test_an_error_is_in_the_query(
    http: FlaskClient, page: RegisteredClient, more: dict[str, str], error: str
) -> None:
    """RFC 6749 §4.1.2.1: unlike the implicit grant's, which is in the fragment."""
    back = urlsplit(request_authorization(http, page, **more).location)

    assert parse_qs(back.query)["error"] == [error]
    assert back.fragment == ""
