"""What a host app can listen to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth, signals

from .conftest import IssueToken, Register, Registered, bearer, grant

NAMES = (
    "client_registered",
    "client_authenticated",
    "client_authentication_failed",
    "token_issued",
    "token_authenticated",
    "token_rejected",
    "token_revoked",
)


@pytest.fixture
def heard(app: Flask) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every signal that the app sends, by name and arguments."""
    heard: list[tuple[str, dict[str, Any]]] = []
    with ExitStack() as stack:
        for name in NAMES:

            def hear(sender: object, _name: str = name, **arguments: Any) -> None:
                assert sender is app
                heard.append((_name, arguments))

            signal = getattr(signals, name)
            stack.enter_context(signal.connected_to(hear))
        yield heard


def test_registration_is_told(
    heard: list[Any], register: Register, tapauth: TapAuth
) -> None:
    """The contract: `client_registered`, for what was written alone."""
    registered = register(client_id="reports")
    with pytest.raises(RegistrationError):
        register(client_id="reports")

    [(name, arguments)] = heard
    assert name == "client_registered"
    assert arguments["client"].client_id == registered.client_id


def test_a_token_request_is_told_step_by_step(
    registered: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """The contract: `client_authenticated`, `token_issued`."""
    http.post("/oauth/token", data=grant(registered, scope="orders:read"))

    (first, who), (second, what) = heard
    assert (first, second) == ("client_authenticated", "token_issued")
    assert who["client"].client_id == registered.client_id
    assert what["client"].client_id == registered.client_id
    assert what["token"].scopes == ("orders:read",)
    assert what["token"].expires_at - what["token"].issued_at == 3600


def test_a_token_from_code_is_told(heard: list[Any], issue_token: IssueToken) -> None:
    """The contract: `token_issued`, however it came about."""
    issue_token(user_id="7")

    name, arguments = heard[-1]
    assert (name, arguments["token"].user_id) == ("token_issued", "7")


@pytest.mark.parametrize(
    ("changes", "client_id", "reason"),
    [
        ({"client_id": "nobody"}, "nobody", "unknown client"),
        ({"client_secret": "wrong"}, "reports", "wrong secret"),
        ({"client_secret": ""}, "reports", "no secret"),
        ({"client_id": "", "client_secret": ""}, None, "no credentials"),
        ({"client_id": "tapcs_sent_in_the_wrong_place"}, None, "unknown client"),
    ],
)
def test_a_failed_authentication_is_told_with_its_reason(
    register: Register,
    heard: list[Any],
    http: FlaskClient,
    changes: dict[str, str],
    client_id: str | None,
    reason: str,
) -> None:
    """The contract: the host learns what the caller must not."""
    registered = register(client_id="reports")
    heard.clear()

    http.post("/oauth/token", data={**grant(registered), **changes})

    told = {"client_id": client_id, "reason": reason}
    assert heard == [("client_authentication_failed", told)]


def test_an_accepted_token_is_told_once(
    heard: list[Any], app: Flask, http: FlaskClient, token: str, registered: Registered
) -> None:
    """The contract: `token_authenticated`."""
    heard.clear()

    http.get("/orders", headers=bearer(token))

    [(name, arguments)] = heard
    assert (name, arguments["token"].client_id) == (
        "token_authenticated",
        registered.client_id,
    )


def test_a_refused_request_is_told(
    token: str, heard: list[Any], http: FlaskClient, issue_token: IssueToken
) -> None:
    """The contract: `token_rejected`, with the token where it was good in itself."""
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


def test_a_revocation_is_told(
    token: str, heard: list[Any], tapauth: TapAuth, registered: Registered
) -> None:
    """The contract: `token_revoked`, and how many it were."""
    tapauth.revoke_client_tokens(registered)

    [(name, arguments)] = heard
    assert (name, arguments["count"]) == ("token_revoked", 1)
    assert arguments["client"].client_id == registered.client_id
