"""The host's own claims in a signed token."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import IssueToken, Register, bearer, grant
from .conftest import claims_of, header_of

OURS = ["iss", "sub", "sub_type", "aud", "client_id", "scope", "iat", "exp", "jti"]


def test_the_hosts_claims_are_in_the_token(
    tapauth: TapAuth, issue_token: IssueToken
) -> None:
    """RFC 9068 §2.2.2: claims_loader can add any JSON value."""
    own = {"tenant": "é", "groups": ["a", "b"], "plan": {"seats": 5, "trial": None}}
    tapauth.claims_loader(lambda client, user, scopes: own)

    assert own.items() <= claims_of(issue_token()).items()


@pytest.mark.parametrize("user_id", [None, "ann"])
def test_the_loader_gets_the_client_the_user_and_the_scopes(
    tapauth: TapAuth,
    registered: RegisteredClient,
    issue_token: IssueToken,
    user_id: str | None,
) -> None:
    """The user is None if the client acts for itself."""
    tapauth.user_loader(lambda user_id: {"name": user_id.title()})
    tapauth.claims_loader(
        lambda client, user, scopes: {
            "told": [client.client_id, user and user["name"], list(scopes)]
        }
    )

    told = claims_of(issue_token(user_id=user_id, scopes="orders:read"))["told"]

    assert told == [registered.client_id, user_id and "Ann", ["orders:read"]]


def test_the_loader_gets_the_user_when_a_token_is_refreshed(
    tapauth: TapAuth, http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §6: the new token has the same claims as the first."""
    tapauth.claims_loader(lambda client, user, scopes: {"told": list(scopes)})
    client = register(grant_types=["client_credentials", "refresh_token"])
    first = http.post("/oauth/token", data=grant(client, scope="orders:read"))
    refresh = {
        "grant_type": "refresh_token",
        "refresh_token": first.get_json()["refresh_token"],
    }

    answer = http.post("/oauth/token", data=grant(client, **refresh))

    assert claims_of(answer.get_json()["access_token"])["told"] == ["orders:read"]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("value", ["admin", None, 99_999_999_999])
def test_the_loader_cannot_replace_a_standard_claim(
    tapauth: TapAuth,
    http: FlaskClient,
    registered: RegisteredClient,
    issue_token: IssueToken,
    name: str,
    value: Any,
) -> None:
    """RFC 9068 §2.2: a wrong `exp` or `sub` would be a hole."""
    tapauth.claims_loader(lambda client, user, scopes: {name: value})

    token = issue_token()

    assert claims_of(token)[name] != value
    said = http.get("/whoami", headers=bearer(token)).get_json()
    assert said["client_id"] == registered.client_id


def test_the_loader_cannot_change_the_header(
    tapauth: TapAuth, issue_token: IssueToken
) -> None:
    """RFC 7515 §4: the header tells how to verify the token."""
    tapauth.claims_loader(lambda client, user, scopes: {"alg": "none", "typ": "JWT"})

    assert header_of(issue_token()) == {"alg": "ES256", "typ": "at+jwt", "kid": "first"}
