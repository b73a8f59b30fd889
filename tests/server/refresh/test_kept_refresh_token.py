"""`--keep-refresh-token`: a confidential client may use one refresh token for good.

RFC 9700 §4.14.2 asks for rotation of the refresh tokens of public clients alone. Data
loaders that store one token for good were revoked as thieves.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import Register, Registered, bearer, grant

REFRESHING = ["client_credentials", "refresh_token"]


@pytest.fixture
def registered(register: Register) -> Registered:
    return register(client_id="loader", grant_types=REFRESHING, keep_refresh_token=True)


def renew(http: FlaskClient, client: Registered, refresh_token: str) -> Any:
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return http.post("/oauth/token", data=grant(client, **wanted))


def test_the_refresh_token_serves_again_and_again(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §6: an answer without a refresh token means that the old one stays."""
    first = http.post("/oauth/token", data=grant(registered)).get_json()

    for _ in range(3):
        answer = renew(http, registered, first["refresh_token"])
        assert answer.status_code == 200
        assert "refresh_token" not in answer.get_json()
        token = answer.get_json()["access_token"]
        assert http.get("/whoami", headers=bearer(token)).status_code == 200


def test_its_revocation_ends_all_that_came_of_it(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 7009 §2.1."""
    first = http.post("/oauth/token", data=grant(registered)).get_json()
    renewed = renew(http, registered, first["refresh_token"]).get_json()

    http.post("/oauth/revoke", data=grant(registered, token=first["refresh_token"]))

    for token in (first["access_token"], renewed["access_token"]):
        assert http.get("/whoami", headers=bearer(token)).status_code == 401
    assert renew(http, registered, first["refresh_token"]).status_code == 400


def test_no_access_token_outlives_the_refresh_token(
    http: FlaskClient, tapauth: TapAuth, registered: Registered
) -> None:
    """The grant ends when TAPAUTH_REFRESH_TOKEN_EXPIRES_IN says."""
    first = http.post("/oauth/token", data=grant(registered)).get_json()
    [refresh] = [t for t in tapauth.tokens.list() if t.kind == "refresh_token"]
    tapauth.clients.update(registered, expires_in=10**9)

    renewed = renew(http, registered, first["refresh_token"]).get_json()

    explained = tapauth.tokens.explain(renewed["access_token"])
    assert explained.expires_at == refresh.expires_at


@pytest.mark.parametrize(
    "registration",
    [
        {"grant_types": ["client_credentials"]},
        {
            "public": True,
            "grant_types": ["implicit", "refresh_token"],
            "redirect_uris": ["https://a.example/"],
        },
    ],
    ids=["no refresh tokens", "public"],
)
def test_only_a_confidential_client_with_refresh_tokens_keeps_them(
    register: Register, tapauth: TapAuth, registration: dict[str, Any]
) -> None:
    """RFC 9700 §4.14.2: a public client's stolen token would never be noticed."""
    with pytest.raises(RegistrationError, match="keep_refresh_token"):
        register(keep_refresh_token=True, **registration)


def test_other_clients_still_get_a_new_one_each_time(
    http: FlaskClient, register: Register
) -> None:
    """The default is rotation."""
    client = register(grant_types=REFRESHING)
    first = http.post("/oauth/token", data=grant(client)).get_json()

    second = renew(http, client, first["refresh_token"]).get_json()

    assert second["refresh_token"] != first["refresh_token"]
