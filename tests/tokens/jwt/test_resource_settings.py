"""TAPAUTH_RESOURCES, and resources at the authorization endpoint."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_tapauth import ConfigError, RegisteredClient, TapAuth

from ...conftest import MakeApp, bearer, grant
from ...server.implicit.browser import (
    REDIRECT_URI,
    STATE,
    consent_field,
    fragment,
    wanted,
)
from .conftest import ELSEWHERE, ISSUER, claims_of, make_key, signing

FORMATS: dict[str, dict[str, Any]] = {
    "opaque": {"TAPAUTH_ISSUER": ISSUER},
    "jwt": signing(make_key()),
}


@pytest.fixture(params=FORMATS)
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FORMATS[request.param]


def token_for(app: Flask, client: RegisteredClient, resource: str) -> TestResponse:
    form = grant(client, resource=resource)
    return app.test_client().post("/oauth/token", data=form)


def test_the_issuer_is_the_default_resource(
    make_app: MakeApp, tapauth: TapAuth, settings: dict[str, Any]
) -> None:
    """docs/how-to/clients/resources.md, TAPAUTH_RESOURCES."""
    app = make_app(**settings)
    with app.app_context():
        client = tapauth.clients.create("Reports")

    assert token_for(app, client, ISSUER).status_code == 200
    refusal = token_for(app, client, ELSEWHERE)
    assert refusal.get_json()["error"] == "invalid_target"


def test_the_app_may_be_another_resource_than_its_issuer(
    make_app: MakeApp, tapauth: TapAuth, settings: dict[str, Any]
) -> None:
    """docs/how-to/clients/resources.md: the first of TAPAUTH_RESOURCES is this app."""
    own = f"{ISSUER}/orders"
    app = make_app(**settings, TAPAUTH_RESOURCES=[own, ELSEWHERE])
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]
    http = app.test_client()

    assert http.get("/whoami", headers=bearer(token)).status_code == 200
    assert token_for(app, client, own).status_code == 200
    refusal = token_for(app, client, ISSUER)
    assert refusal.get_json()["error"] == "invalid_target"
    said = http.get("/.well-known/oauth-protected-resource").get_json()
    assert said["resource"] == own


@pytest.mark.parametrize(
    "value",
    [
        ISSUER,
        [],
        None,
        {ISSUER},
        ["orders"],
        ["/orders"],
        [f"{ISSUER}#part"],
        [f"{ISSUER} {ELSEWHERE}"],
        [5],
        [""],
        [ISSUER, "orders"],
    ],
    ids=str,
)
def test_a_resource_that_is_no_absolute_uri_stops_the_app(
    make_app: MakeApp, value: Any
) -> None:
    """RFC 8707 §2: a ConfigError names the setting."""
    with pytest.raises(
        ConfigError, match=r"^TAPAUTH_RESOURCES: got .* expected a list"
    ):
        make_app(TAPAUTH_RESOURCES=value)


@pytest.fixture
def host(make_app: MakeApp, tapauth: TapAuth, settings: dict[str, Any]) -> Flask:
    """A host in which Ann is signed in."""
    tapauth.current_user_loader(lambda: SimpleNamespace(id="ann"))
    tapauth.user_loader(lambda user_id: SimpleNamespace(id=user_id))
    return make_app(
        **settings,
        SECRET_KEY="a key for tests",
        TAPAUTH_RESOURCES=[ISSUER, ELSEWHERE],
    )


@pytest.fixture
def page(host: Flask, tapauth: TapAuth) -> RegisteredClient:
    with host.app_context():
        return tapauth.clients.create(
            "Explorer",
            public=True,
            grant_types=["implicit"],
            scopes=["orders:read"],
            redirect_uris=[REDIRECT_URI],
        )


def ask(http: FlaskClient, page: RegisteredClient, *resources: str) -> TestResponse:
    """Follow the client's link."""
    pairs = [
        *wanted(page.client_id).items(),
        *(("resource", resource) for resource in resources),
    ]
    return http.get(f"/oauth/authorize?{urlencode(pairs)}")


@pytest.mark.parametrize(
    ("resources", "status"),
    [([], 200), ([ISSUER], 200), ([ELSEWHERE], 401), ([ELSEWHERE, ISSUER], 200)],
    ids=str,
)
def test_an_implicit_token_is_for_the_resources_that_were_named(
    host: Flask, page: RegisteredClient, resources: list[str], status: int
) -> None:
    """RFC 8707 §2.1: the parameter may be repeated at the authorization endpoint."""
    http = host.test_client()
    consent = consent_field(ask(http, page, *resources))
    form = {"consent": consent, "decision": "allow"}
    token = fragment(http.post("/oauth/authorize", data=form))["access_token"]

    answer = http.get("/whoami", headers=bearer(token))

    assert answer.status_code == status
    if token.count(".") == 2:
        named = resources or [ISSUER]
        assert claims_of(token)["aud"] == (named if len(named) > 1 else named[0])


@pytest.mark.parametrize(
    "resources",
    [["https://evil.example"], [ISSUER, "https://evil.example"], ["orders"]],
    ids=str,
)
def test_a_resource_that_is_not_allowed_is_reported_in_the_fragment(
    host: Flask, page: RegisteredClient, resources: list[str]
) -> None:
    """RFC 8707 §2: invalid_target, before the user is asked."""
    told = fragment(ask(host.test_client(), page, *resources))

    assert told["error"] == "invalid_target"
    assert told["state"] == STATE
    assert "access_token" not in told
