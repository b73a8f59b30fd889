"""``tapauth.tokens.issue``: an app with a login of its own hands out tokens."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import Register, bearer
from .. import family_model, set_all


def test_a_public_client_with_refresh_tokens_needs_no_other_grant(
    http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """how-to/app/own-login: a mobile app signs its users in by the host's own view."""
    client = register(public=True, grant_types=["refresh_token"])
    issued = tapauth.tokens.issue(client, user_id=7, scopes="orders:read")

    renewed = http.post(
        "/oauth/token",
        data={
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "refresh_token": issued["refresh_token"],
        },
    ).get_json()

    seen = http.get("/whoami", headers=bearer(renewed["access_token"])).get_json()
    assert (seen["user_id"], seen["scopes"]) == ("7", ["orders:read"])


def test_all_tokens_of_the_user_end_with_the_password(
    http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """A change of password signs the user out everywhere."""
    client = register(public=True, grant_types=["refresh_token"])
    issued = [tapauth.tokens.issue(client, user_id=7) for _ in range(2)]
    other = tapauth.tokens.issue(client, user_id=8)["access_token"]

    assert tapauth.tokens.revoke_all(user_id=7) == 2

    for each in issued:
        answer = http.get("/whoami", headers=bearer(each["access_token"]))
        assert answer.status_code == 401
    assert http.get("/whoami", headers=bearer(other)).status_code == 200


def test_a_client_without_the_grant_gets_no_refresh_token(
    register: Register, tapauth: TapAuth
) -> None:
    """It could not use one."""
    assert "refresh_token" not in tapauth.tokens.issue(register())


@pytest.mark.parametrize(
    "app",
    [{"TAPAUTH_RESOURCES": ["https://a.example", "https://b.example"]}],
    indirect=True,
)
def test_a_token_can_be_issued_for_another_resource(
    http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """RFC 8707: this app refuses a token that is for another one."""
    client = register()
    here = tapauth.tokens.issue(client, resource="https://a.example")
    there = tapauth.tokens.issue(client, resource="https://b.example")

    statuses = [
        http.get("/whoami", headers=bearer(token["access_token"])).status_code
        for token in (here, there)
    ]

    assert statuses == [200, 401]
    with pytest.raises(RegistrationError, match="resource: no tokens are issued for"):
        tapauth.tokens.issue(client, resource="https://c.example")


def test_a_token_is_revoked_by_its_handle(
    http: FlaskClient, register: Register, tapauth: TapAuth
) -> None:
    """A list names tokens without showing them."""
    client = register(grant_types=["client_credentials", "refresh_token"])
    issued = tapauth.tokens.issue(client)
    handles = {token.kind: token.handle for token in tapauth.tokens.list()}

    assert tapauth.tokens.revoke("00000000") == 0
    assert tapauth.tokens.revoke(handles["access_token"]) == 1
    answer = http.get("/whoami", headers=bearer(issued["access_token"]))
    assert answer.status_code == 401

    assert tapauth.tokens.revoke(handles["refresh_token"]) == 1
    assert tapauth.tokens.list() == []


def test_an_expired_token_is_not_revoked_by_its_handle(
    register: Register, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """By the token itself it was 0, and by the handle 1."""
    tapauth.tokens.issue(register(grant_types=["refresh_token"]), user_id="ann")
    handles = [token.handle for token in tapauth.tokens.list()]
    set_all(db, tapauth.Token, expires_at=1)
    set_all(db, family_model(tapauth), expires_at=1)

    assert [tapauth.tokens.revoke(handle) for handle in handles] == [0, 0]
