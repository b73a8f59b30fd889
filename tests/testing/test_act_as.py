"""``act_as`` of ``flask_tapauth.testing``: a test client with a token, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, require_token
from flask_tapauth.testing import TapAuthClient, act_as

from ..conftest import MakeApp, Register, Registered
from .conftest import SIGNED, whoami


@dataclass(frozen=True)
class Person:
    id: str


@pytest.fixture(params=[{}, SIGNED], ids=["opaque", "jwt"])
def app(request: pytest.FixtureRequest, make_app: MakeApp) -> Flask:
    return make_app(**request.param)


@pytest.mark.parametrize("how", ["id", "record", "registered"])
def test_act_as_takes_an_id_a_record_or_a_registration(
    registered: Registered, how: str
) -> None:
    """docs/how-to/app/testing.md: all three name a client."""
    names: dict[str, Any] = {
        "id": "reports",
        "record": registered.client,
        "registered": registered,
    }

    http = act_as(names[how], "orders:read", user_id="7")

    assert isinstance(http, TapAuthClient)
    assert whoami(http) == {
        "client_id": "reports",
        "user_id": "7",
        "scopes": ["orders:read"],
    }


def test_two_test_clients_do_not_mix(
    app: Flask, register: Register, registered: Registered
) -> None:
    """Each sends its own token, also in one app context."""
    one, two = act_as("reports"), act_as(register(client_id="other"), "orders:read")

    asked = [whoami(http)["client_id"] for http in (one, two, one)]

    assert asked == ["reports", "other", "reports"]


def test_act_as_uses_the_app_of_the_context(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """It needs an app context while it is called, and not afterwards."""
    elsewhere = make_app()
    with elsewhere.app_context():
        tapauth.clients.create("Reports", client_id="reports", scopes="orders:read")

    with pytest.raises(RuntimeError, match="application context"):
        act_as("reports")

    with elsewhere.app_context():
        http = act_as("reports")

    assert http.application is elsewhere
    assert whoami(http)["client_id"] == "reports"


def test_its_tokens_have_the_claims_of_the_host(
    register: Register, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A host tests views that depend on its `claims_loader`.

    Introspection tells the claims of either format.
    """
    seen: list[Any] = []
    tapauth.user_loader(Person)

    @tapauth.claims_loader
    def load(client: Any, user: Any, scopes: tuple[str, ...]) -> dict[str, Any]:
        seen.append((client.client_id, user, scopes))
        return {"tenant": "t1", "sub": "root", "scope": "all", "active": False}

    reports = register(client_id="reports")
    for user_id in ("7", None):
        token = act_as(reports, "orders:read", user_id=user_id).token
        http = act_as(reports)
        # Requests share this test's session, and MariaDB would show it an older state.
        db.session.rollback()
        told = http.post(
            "/oauth/introspect",
            data={"token": token},
            auth=(reports.client_id, str(reports.client_secret)),
        )
        claims = told.get_json()
        assert (claims["active"], claims["tenant"]) == (True, "t1")
        assert (claims["sub"], claims["scope"]) == (user_id or "reports", "orders:read")

    people = {who for _, who, _ in seen}
    assert people == {Person("7"), None}
    assert ("reports", Person("7"), ("orders:read",)) in seen


@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_its_token_may_be_expired_or_revoked(
    registered: Registered, ended: str
) -> None:
    """A user could not test the end of a token without a `sleep`."""
    ending: Any = {ended: True}
    http = act_as(registered, "orders:read", **ending)

    answer = http.get("/whoami")

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert whoami(act_as(registered))["client_id"] == "reports"


def test_its_token_may_be_for_another_resource(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """A user tests views below /mcp, which the token for the first does not open."""
    api = "https://api.example"
    app = make_app(TAPAUTH_RESOURCES=[api, f"{api}/mcp"])
    app.add_url_rule("/mcp", "mcp", require_token(lambda: "ok"))
    with app.app_context():
        client = tapauth.clients.create("Reports")

        assert act_as(client, resource=f"{api}/mcp").get("/mcp").status_code == 200
        assert act_as(client).get("/mcp").status_code == 401
