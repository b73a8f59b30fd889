"""What introspection says of a client's own tokens (RFC 7662 §2.2)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ...conftest import IssueToken, MakeApp, Register, Registered, grant
from ..refresh.conftest import (
    BOTH,
    PERSON,
    Person,
    PersonGrant,
    refresh,
    request_tokens,
)
from .conftest import INACTIVE, introspect


def test_an_access_token_is_described(
    http: FlaskClient, client: Registered, answer: dict[str, Any]
) -> None:
    """RFC 7662 §2.2: the subject of a client's token is the client."""
    said = introspect(http, client, answer["access_token"])

    assert time.time() - 60 < said["iat"] <= time.time()
    assert said == {
        "active": True,
        "client_id": client.client_id,
        "scope": "orders:read orders:write",
        "token_type": "Bearer",
        "sub": client.client_id,
        "sub_type": "client",
        "aud": "http://localhost",
        "iss": "http://localhost",
        "iat": said["iat"],
        "exp": said["iat"] + 3600,
    }


def test_a_refresh_token_is_described(
    http: FlaskClient, client: Registered, answer: dict[str, Any]
) -> None:
    """RFC 7662 §2.2: its own `exp`, and no `token_type` that would open a view."""
    said = introspect(http, client, answer["refresh_token"])

    assert said == {
        "active": True,
        "client_id": client.client_id,
        "scope": "orders:read orders:write",
        "sub": client.client_id,
        "sub_type": "client",
        "aud": "http://localhost",
        "iss": "http://localhost",
        "iat": said["iat"],
        "exp": said["iat"] + 1_209_600,
    }


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_persons_token_names_the_person(
    tapauth: TapAuth, http: FlaskClient, register: Register, kind: str
) -> None:
    """RFC 7662 §2.2: `sub`, and `username` if the host knows the person."""
    tapauth.server.register_grant(PersonGrant)
    tapauth.user_loader(Person)
    client = register(grant_types=(PERSON, "refresh_token"))
    form = {**grant(client), "grant_type": PERSON, "person": "7"}

    said = introspect(http, client, request_tokens(http, form)[kind])

    assert (said["sub"], said["sub_type"]) == ("7", "user")
    assert said.get("username") == ("Person 7" if kind == "access_token" else None)


@pytest.mark.parametrize("load", [None, lambda _: None], ids=["no loader", "gone"])
def test_a_person_who_cannot_be_found_has_no_username(
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
    load: Any,
) -> None:
    """RFC 7662 §2.2: `username` is optional."""
    if load is not None:
        tapauth.user_loader(load)

    said = introspect(http, registered, issue_token(user_id="7"))

    assert (said["active"], said["sub"]) == (True, "7")
    assert "username" not in said


def test_issuer_and_audience_are_what_the_settings_say(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 7662 §2.2: `iss` and `aud` must name what the settings name."""
    app = make_app(
        TAPAUTH_ISSUER="https://id.example", TAPAUTH_RESOURCES=["https://api.example"]
    )
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    said = introspect(app.test_client(), client, token)

    assert (said["iss"], said["aud"]) == ("https://id.example", "https://api.example")


def test_the_hosts_claims_replace_no_standard_claim(
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
) -> None:
    """RFC 7662 §2.2: `claims_loader` can add members, and change none."""
    asked: list[Any] = []
    tapauth.user_loader(Person)
    token = issue_token(user_id="7", scopes="orders:read")
    plain = introspect(http, registered, token)

    @tapauth.claims_loader
    def claims(client: Any, user: Any, scopes: tuple[str, ...]) -> dict[str, Any]:
        asked.append((client.client_id, user.id, scopes))
        return {**dict.fromkeys(plain, "forged"), "active": False, "tenant": "acme"}

    said = introspect(http, registered, token)

    assert said == {**plain, "tenant": "acme"}
    assert asked == [(registered.client_id, "7", ("orders:read",))]


def test_a_refresh_token_outlives_its_access_token(
    http: FlaskClient,
    client: Registered,
    answer: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 7662 §2.2: each has an `exp` of its own."""
    now, seen = time.time(), []
    for passed in (0, 3600, 1_209_600):
        monkeypatch.setattr(time, "time", lambda then=now + passed: then)
        access = introspect(http, client, answer["access_token"])
        refresh_token = introspect(http, client, answer["refresh_token"])
        seen.append((access["active"], refresh_token["active"]))

    assert seen == [(True, True), (False, True), (False, False)]


def test_a_used_refresh_token_is_inactive(
    http: FlaskClient, client: Registered, answer: dict[str, Any]
) -> None:
    """RFC 7662 §2.2: introspection itself does not use a token up."""
    new = request_tokens(http, refresh(client, answer["refresh_token"]))

    assert introspect(http, client, answer["refresh_token"]) == INACTIVE
    for token in (new["refresh_token"], new["access_token"], answer["access_token"]):
        assert introspect(http, client, token)["active"] is True


def test_a_used_refresh_token_is_active_in_its_grace_time(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """With TAPAUTH_REFRESH_GRACE, it still works for some seconds."""
    app = make_app(TAPAUTH_REFRESH_GRACE=60)
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports", grant_types=BOTH)
    token = request_tokens(http, grant(client))["refresh_token"]
    request_tokens(http, refresh(client, token))

    assert introspect(http, client, token)["active"] is True


@pytest.mark.parametrize("end", ["revoke", "disable", "delete"])
def test_a_revoked_token_is_inactive(
    app: Flask,
    tapauth: TapAuth,
    http: FlaskClient,
    client: Registered,
    register: Register,
    answer: dict[str, Any],
    end: str,
) -> None:
    """RFC 7662 §2.2: also if its client was disabled or deleted."""
    resource_server = register(resource_server=True)

    if end == "revoke":
        tapauth.tokens.revoke_all(client=client)
    else:
        getattr(app.extensions["tapauth"].clients, end)(client)

    for kind in ("access_token", "refresh_token"):
        assert introspect(http, resource_server, answer[kind]) == INACTIVE
