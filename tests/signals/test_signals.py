"""The signals that a host app can listen to."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth

from ..conftest import IssueToken, Register, Registered, bearer, grant
from .conftest import refresh


def test_a_registration_is_signalled(
    heard: list[Any], register: Register, tapauth: TapAuth
) -> None:
    """`client_registered`, and nothing for a client that was refused."""
    registered = register(client_id="reports")
    with pytest.raises(RegistrationError):
        register(client_id="reports")

    [(name, arguments)] = heard
    assert name == "client_registered"
    assert arguments["client"] == registered.client_id


def test_a_token_request_sends_two_signals(
    registered: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """`client_authenticated`, then `token_issued`."""
    http.post("/oauth/token", data=grant(registered, scope="orders:read"))

    (first, who), (second, what) = heard
    assert (first, second) == ("client_authenticated", "token_issued")
    assert who["client"] == registered.client_id
    assert what["client"] == registered.client_id
    assert what["token"].scopes == ("orders:read",)
    assert what["token"].expires_at - what["token"].issued_at == 3600


def test_a_token_issued_from_code_is_signalled(
    heard: list[Any], issue_token: IssueToken
) -> None:
    """`token_issued`, as at the token endpoint."""
    issue_token(user_id="7")

    name, arguments = heard[-1]
    assert (name, arguments["token"].user_id) == ("token_issued", "7")


@pytest.mark.parametrize(
    ("changes", "client_id", "reason"),
    [
        ({"client_id": "nobody"}, "nobody", "unknown_client"),
        ({"client_secret": "wrong"}, "reports", "wrong_secret"),
        ({"client_secret": ""}, "reports", "wrong_secret"),
        ({"client_id": "", "client_secret": ""}, None, "unknown_client"),
        ({"client_id": "tapcs_sent_in_the_wrong_place"}, None, "unknown_client"),
    ],
)
def test_a_failed_authentication_is_signalled_with_its_reason(
    register: Register,
    heard: list[Any],
    http: FlaskClient,
    changes: dict[str, str],
    client_id: str | None,
    reason: str,
) -> None:
    """The host learns the reason, and the caller does not."""
    registered = register(client_id="reports")
    heard.clear()

    http.post("/oauth/token", data={**grant(registered), **changes})

    told = {"client_id": client_id, "reason": reason}
    assert heard == [("client_authentication_failed", told)]


def test_an_accepted_token_is_signalled_once(
    heard: list[Any], app: Flask, http: FlaskClient, token: str, registered: Registered
) -> None:
    """`token_authenticated`."""
    heard.clear()

    http.get("/orders", headers=bearer(token))

    [(name, arguments)] = heard
    assert (name, arguments["token"].client_id) == (
        "token_authenticated",
        registered.client_id,
    )


def test_a_refused_request_is_signalled(
    token: str, heard: list[Any], http: FlaskClient, issue_token: IssueToken
) -> None:
    """`token_rejected`; with the token, if only its scope was insufficient."""
    narrow = issue_token(scopes="orders:write")
    heard.clear()

    http.get("/orders")
    http.get("/orders", headers=bearer("junk"))
    http.get("/orders", headers=bearer(narrow))

    refusals = [arguments for name, arguments in heard if name == "token_rejected"]
    assert [r["error"] for r in refusals] == [
        "invalid_token",
        "invalid_token",
        "insufficient_scope",
    ]
    assert [r["token"] and r["token"].scopes for r in refusals] == [
        None,
        None,
        ("orders:write",),
    ]


def test_a_renewed_token_is_signalled(
    refreshing: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """`token_issued`, with the new token's client and scopes."""
    first = http.post("/oauth/token", data=grant(refreshing)).get_json()
    heard.clear()

    refresh(http, refreshing, first["refresh_token"])

    (first_name, _), (name, what) = heard
    assert (first_name, name) == ("client_authenticated", "token_issued")
    assert what["client"] == refreshing.client_id
    assert what["token"].client_id == refreshing.client_id
    assert what["token"].scopes == ("orders:read", "orders:write")
