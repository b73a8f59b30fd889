"""`token_revoked`: who revoked how many tokens, and why."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ..conftest import IssueToken, Registered, Run, grant
from .conftest import refresh


def revocations(heard: list[Any]) -> list[tuple[str | None, int, str]]:
    """Return the arguments of each `token_revoked`."""
    told = [arguments for name, arguments in heard if name == "token_revoked"]
    assert all(set(each) == {"client", "count", "reason"} for each in told)
    return [(each["client"], each["count"], each["reason"]) for each in told]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_clients_own_revocation_is_signalled_once(
    refreshing: Registered, heard: list[Any], http: FlaskClient, kind: str
) -> None:
    """`reason` is ``request``; a second revocation of the same token sends nothing."""
    pair = http.post("/oauth/token", data=grant(refreshing)).get_json()

    for _ in range(2):
        http.post("/oauth/revoke", data=grant(refreshing, token=pair[kind]))

    assert revocations(heard) == [(refreshing.client_id, 1, "request")]


def test_a_revocation_from_code_is_signalled(
    heard: list[Any],
    tapauth: TapAuth,
    registered: Registered,
    issue_token: IssueToken,
) -> None:
    """`reason` is ``admin``, with the number of tokens."""
    for _ in range(3):
        issue_token()

    tapauth.tokens.revoke_all(client=registered)

    assert revocations(heard) == [(registered.client_id, 3, "admin")]


def test_a_revocation_by_command_is_signalled(
    heard: list[Any], registered: Registered, issue_token: IssueToken, run: Run
) -> None:
    """`reason` is ``admin``; `client` is None if a person's tokens are revoked."""
    one, _ = issue_token(), issue_token(user_id="ann")

    run("tokens", "revoke", one)
    run("tokens", "revoke", "--user", "ann")

    assert revocations(heard) == [
        (registered.client_id, 1, "admin"),
        (None, 1, "admin"),
    ]


@pytest.mark.parametrize("narrowed", [False, True])
def test_a_revoked_consent_is_signalled(
    heard: list[Any],
    registered: Registered,
    issue_token: IssueToken,
    run: Run,
    narrowed: bool,
) -> None:
    """`reason` is ``consent``; `client` is None if all clients are affected."""
    issue_token(user_id="ann")
    client_id = registered.client_id if narrowed else None
    options = ["--client", client_id] if client_id else []

    run("consents", "revoke", "ann", *options)

    assert revocations(heard) == [(client_id, 1, "consent")]


def test_a_reused_refresh_token_is_signalled(
    refreshing: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """RFC 9700 §4.14.2: `reason` is ``reuse``, once, so that a host can alert."""
    stolen = http.post("/oauth/token", data=grant(refreshing)).get_json()
    refresh(http, refreshing, stolen["refresh_token"])

    for _ in range(2):
        refresh(http, refreshing, stolen["refresh_token"])

    assert revocations(heard) == [(refreshing.client_id, 1, "reuse")]
