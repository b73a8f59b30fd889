"""What introspection says of people, and of tokens that cannot be renewed."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ...conftest import IssueToken, Register, Registered, grant
from ..refresh.conftest import BOTH, request_tokens
from .conftest import INACTIVE, introspect


def test_a_user_without_a_name_has_no_username(
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
) -> None:
    """RFC 7662 §2.2: `username` is optional."""
    tapauth.user_loader(lambda user_id: {"id": user_id})
    token = issue_token(user_id="7")

    said = introspect(http, registered, token)

    assert (said["sub"], said["sub_type"]) == ("7", "user")
    assert "username" not in said


def test_a_refresh_token_that_its_client_may_not_use_is_inactive(
    app: Flask, http: FlaskClient, register: Register
) -> None:
    """RFC 7662 §2.2: active means that it can be used."""
    client = register(grant_types=BOTH)
    token = request_tokens(http, grant(client))["refresh_token"]

    app.extensions["tapauth"].clients.update(client, grant_types=BOTH[:1])

    assert introspect(http, client, token) == INACTIVE
