"""``tapauth.openapi_security_schemes``: what an OpenAPI document says of tokens."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from flask_tapauth import RegisteredClient, TapAuth

from ..conftest import MakeApp, grant


def schemes_of(tapauth: TapAuth, app: Flask) -> dict[str, Any]:
    with app.app_context():
        return tapauth.openapi_security_schemes()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"TAPAUTH_SCOPES": {"orders:read": "See orders"}},
        {"TAPAUTH_ISSUER": "https://orders.example.com/shop"},
        {"TAPAUTH_GRANT_TYPES": ["client_credentials"]},
        {"TAPAUTH_TOKEN_LOCATIONS": ["body"]},
    ],
)
def test_a_validator_accepts_the_schemes(
    settings: dict[str, Any], make_app: MakeApp, tapauth: TapAuth
) -> None:
    """OpenAPI 3.1.0, Security Scheme Object: generators of clients read it."""
    schemes = schemes_of(tapauth, make_app(**settings))
    security: list[dict[str, list[str]]] = [{name: []} for name in schemes]
    view = {"responses": {"200": {"description": "Done"}}, "security": security}
    validate(
        {
            "openapi": "3.1.0",
            "info": {"title": "Orders", "version": "1"},
            "paths": {"/orders": {"get": view}},
            "components": {"securitySchemes": schemes},
        }
    )


def test_the_flows_are_those_of_the_grants_that_are_offered(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """OpenAPI 3.1.0, OAuth Flows Object: a flow has the endpoints that it needs."""
    scopes = {"orders:read": "See orders"}
    app = make_app(TAPAUTH_SCOPES=scopes)
    assert schemes_of(tapauth, app)["oauth2"]["flows"] == {
        "authorizationCode": {
            "authorizationUrl": "/oauth/authorize",
            "tokenUrl": "/oauth/token",
            "scopes": scopes,
        },
        "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes},
        "implicit": {"authorizationUrl": "/oauth/authorize", "scopes": scopes},
    }

    app = make_app(TAPAUTH_GRANT_TYPES=["client_credentials"])
    assert schemes_of(tapauth, app)["oauth2"]["flows"].keys() == {"clientCredentials"}


def test_a_token_can_be_obtained_and_sent_as_described(
    app: Flask, tapauth: TapAuth, registered: RegisteredClient, http: FlaskClient
) -> None:
    """A program that was generated from the document must get its answers."""
    schemes = schemes_of(tapauth, app)
    flow = schemes["oauth2"]["flows"]["clientCredentials"]
    token = http.post(flow["tokenUrl"], data=grant(registered)).json["access_token"]  # type: ignore[index]

    header, query = schemes["access_token_header"], schemes["access_token_query"]
    assert (header["in"], query["in"]) == ("header", "query")
    assert http.get("/orders", headers={header["name"]: token}).status_code == 200
    assert http.get("/orders", query_string={query["name"]: token}).status_code == 200


@pytest.mark.parametrize(
    ("location", "described"),
    [
        ("bearer", {"oauth2", "bearer"}),
        ("header", {"access_token_header"}),
        ("query", {"access_token_query"}),
        ("body", set()),
    ],
)
def test_only_places_that_a_token_is_taken_from_are_described(
    location: str, described: set[str], make_app: MakeApp, tapauth: TapAuth
) -> None:
    """`TAPAUTH_TOKEN_LOCATIONS`: a described place that is off answers 401."""
    app = make_app(TAPAUTH_TOKEN_LOCATIONS=[location])
    assert schemes_of(tapauth, app).keys() == described


def test_urls_begin_with_the_issuer(make_app: MakeApp, tapauth: TapAuth) -> None:
    """RFC 8414 §2: a caller's `Host` header must not say where secrets are sent."""
    app = make_app(
        TAPAUTH_ISSUER="https://orders.example.com/shop",
        TAPAUTH_URL_PREFIX="/auth",
        APPLICATION_ROOT="/shop",
    )
    flow = schemes_of(tapauth, app)["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://orders.example.com/shop/auth/token"

    with app.test_request_context("/", base_url="https://evil.example/shop"):
        flow = tapauth.openapi_security_schemes()["oauth2"]["flows"]
    assert flow["clientCredentials"]["tokenUrl"] == (
        "https://orders.example.com/shop/auth/token"
    )


def test_a_request_says_where_the_app_is_mounted(app: Flask, tapauth: TapAuth) -> None:
    """PEP 3333, `SCRIPT_NAME`: an app below a path has its endpoints there."""
    with app.test_request_context("/", base_url="https://example.com/shop"):
        flow = tapauth.openapi_security_schemes()["oauth2"]["flows"]
    assert flow["clientCredentials"]["tokenUrl"] == "/shop/oauth/token"


def test_the_schemes_may_be_changed(app: Flask, tapauth: TapAuth) -> None:
    """A host adds a description; the next document must not have it."""
    schemes = schemes_of(tapauth, app)
    for scheme in schemes.values():
        scheme["description"] = "Ours"
    schemes["oauth2"]["flows"].clear()

    untouched = schemes_of(tapauth, app)
    assert "Ours" not in str(untouched)
    assert untouched["oauth2"]["flows"]
