"""What a host app can listen to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth, signals

from .conftest import IssueToken, Register, Registered, Run, bearer, grant

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
                if client := arguments.get("client"):  # lives as long as its session
                    arguments["client"] = client.client_id
                heard.append((_name, arguments))

            signal = getattr(signals, name)
            stack.enter_context(signal.connected_to(hear))
        yield heard


def test_registration_is_told(
    heard: list[Any], register: Register, tapauth: TapAuth
) -> None:
    """`client_registered`, for what was written alone."""
    registered = register(client_id="reports")
    with pytest.raises(RegistrationError):
        register(client_id="reports")

    [(name, arguments)] = heard
    assert name == "client_registered"
    assert arguments["client"] == registered.client_id


def test_a_token_request_is_told_step_by_step(
    registered: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """`client_authenticated`, `token_issued`."""
    http.post("/oauth/token", data=grant(registered, scope="orders:read"))

    (first, who), (second, what) = heard
    assert (first, second) == ("client_authenticated", "token_issued")
    assert who["client"] == registered.client_id
    assert what["client"] == registered.client_id
    assert what["token"].scopes == ("orders:read",)
    assert what["token"].expires_at - what["token"].issued_at == 3600


def test_a_token_from_code_is_told(heard: list[Any], issue_token: IssueToken) -> None:
    """`token_issued`, however it came about."""
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
def test_a_failed_authentication_is_told_with_its_reason(
    register: Register,
    heard: list[Any],
    http: FlaskClient,
    changes: dict[str, str],
    client_id: str | None,
    reason: str,
) -> None:
    """The host learns what the caller must not."""
    registered = register(client_id="reports")
    heard.clear()

    http.post("/oauth/token", data={**grant(registered), **changes})

    told = {"client_id": client_id, "reason": reason}
    assert heard == [("client_authentication_failed", told)]


def test_an_accepted_token_is_told_once(
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


def test_a_refused_request_is_told(
    token: str, heard: list[Any], http: FlaskClient, issue_token: IssueToken
) -> None:
    """`token_rejected`, with the token where it was good in itself."""
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


def refresh(http: FlaskClient, client: Registered, token: str) -> Any:
    wanted = {"grant_type": "refresh_token", "refresh_token": token}
    return http.post("/oauth/token", data=grant(client, **wanted)).get_json()


@pytest.fixture
def refreshing(register: Register) -> Registered:
    return register(grant_types=["client_credentials", "refresh_token"])


def test_a_renewed_token_is_told(
    refreshing: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """`token_issued` at refresh too, with what the new token opens."""
    first = http.post("/oauth/token", data=grant(refreshing)).get_json()
    heard.clear()

    refresh(http, refreshing, first["refresh_token"])

    (first_name, _), (name, what) = heard
    assert (first_name, name) == ("client_authenticated", "token_issued")
    assert what["client"] == refreshing.client_id
    assert what["token"].client_id == refreshing.client_id
    assert what["token"].scopes == ("orders:read", "orders:write")


def revocations(heard: list[Any]) -> list[tuple[str | None, int, str]]:
    """The arguments of `token_revoked`, as it was told."""
    told = [arguments for name, arguments in heard if name == "token_revoked"]
    assert all(set(each) == {"client", "count", "reason"} for each in told)
    return [(each["client"], each["count"], each["reason"]) for each in told]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_clients_own_revocation_is_told_once(
    refreshing: Registered, heard: list[Any], http: FlaskClient, kind: str
) -> None:
    """`reason` is ``request``; taking back what is dead tells nothing."""
    pair = http.post("/oauth/token", data=grant(refreshing)).get_json()

    for _ in range(2):
        http.post("/oauth/revoke", data=grant(refreshing, token=pair[kind]))

    assert revocations(heard) == [(refreshing.client_id, 1, "request")]


def test_a_revocation_from_code_is_told(
    heard: list[Any],
    tapauth: TapAuth,
    registered: Registered,
    issue_token: IssueToken,
) -> None:
    """`reason` is ``admin``, and how many it were."""
    for _ in range(3):
        issue_token()

    tapauth.tokens.revoke_all(client=registered)

    assert revocations(heard) == [(registered.client_id, 3, "admin")]


def test_a_revocation_by_command_is_told(
    heard: list[Any], registered: Registered, issue_token: IssueToken, run: Run
) -> None:
    """``admin`` again; no one client where it is a person's tokens."""
    one, _ = issue_token(), issue_token(user_id="ann")

    run("tokens", "revoke", one)
    run("tokens", "revoke", "--user", "ann")

    assert revocations(heard) == [
        (registered.client_id, 1, "admin"),
        (None, 1, "admin"),
    ]


@pytest.mark.parametrize("narrowed", [False, True])
def test_a_consent_taken_back_is_told(
    heard: list[Any],
    registered: Registered,
    issue_token: IssueToken,
    run: Run,
    narrowed: bool,
) -> None:
    """`reason` is ``consent``; the client, where it is of one alone."""
    issue_token(user_id="ann")
    client_id = registered.client_id if narrowed else None
    options = ["--client", client_id] if client_id else []

    run("consents", "revoke", "ann", *options)

    assert revocations(heard) == [(client_id, 1, "consent")]


def test_a_stolen_refresh_token_is_told(
    refreshing: Registered, heard: list[Any], http: FlaskClient
) -> None:
    """RFC 9700 §4.14.2: `reason` is ``reuse``, told once and worth an alert."""
    stolen = http.post("/oauth/token", data=grant(refreshing)).get_json()
    refresh(http, refreshing, stolen["refresh_token"])

    for _ in range(2):
        refresh(http, refreshing, stolen["refresh_token"])

    assert revocations(heard) == [(refreshing.client_id, 1, "reuse")]
