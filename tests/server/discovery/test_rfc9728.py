"""What the API's metadata says (RFC 9728), and how a refusal leads to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.oauth2.rfc8414 import get_well_known_url
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ...conftest import MakeApp, bearer
from .conftest import pointed_to

API = "https://api.example"
WELL_KNOWN = "/.well-known/oauth-protected-resource"


def refusal_of(app: Flask, **environ: str) -> str:
    """Return the challenge to a request without a token."""
    over = {"wsgi.url_scheme": "https", "HTTP_HOST": "api.example", **environ}
    answer = app.test_client().get("/whoami", environ_overrides=over)
    assert answer.status_code == 401
    challenge: str = answer.headers["WWW-Authenticate"]
    return challenge


def test_it_describes_the_api(http: FlaskClient) -> None:
    """RFC 9728 §2: the resource, its server, and the ways to send a token."""
    answer = http.get(WELL_KNOWN, base_url=API)

    assert answer.content_type == "application/json"
    assert answer.get_json() == {
        "resource": API,
        "authorization_servers": [API],
        "bearer_methods_supported": ["header", "body", "query"],
    }


def test_it_follows_the_settings(make_app: MakeApp) -> None:
    """RFC 9728 §2: the first of TAPAUTH_RESOURCES, the issuer, and the scopes."""
    http = make_app(
        TAPAUTH_ISSUER="https://as.example",
        TAPAUTH_RESOURCES=[f"{API}/v1", "https://other.example"],
        TAPAUTH_SCOPES={"orders:read": "See orders"},
    ).test_client()

    described = http.get(f"{WELL_KNOWN}/v1").get_json()

    assert described["resource"] == f"{API}/v1"
    assert described["authorization_servers"] == ["https://as.example"]
    assert described["scopes_supported"] == ["orders:read"]


@pytest.mark.parametrize(
    ("locations", "methods"),
    [
        (["bearer", "header", "body", "query"], ["header", "body", "query"]),
        (["bearer"], ["header"]),
        (["body", "query"], ["body", "query"]),
        (["header"], []),  # RFC 6750 does not have this header
    ],
)
def test_the_methods_of_the_settings_are_described(
    make_app: MakeApp, tapauth: TapAuth, locations: list[str], methods: list[str]
) -> None:
    """RFC 9728 §2, `bearer_methods_supported`, with TAPAUTH_TOKEN_LOCATIONS."""
    app = make_app(TAPAUTH_TOKEN_LOCATIONS=locations)
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    described = http.get(WELL_KNOWN).get_json()

    sent: dict[str, dict[str, Any]] = {
        "header": {"headers": bearer(token)},
        "body": {"data": {"access_token": token}},
        "query": {"query_string": {"access_token": token}},
    }
    answers = {name: http.post("/whoami", **way) for name, way in sent.items()}
    opened = [name for name, answer in answers.items() if answer.status_code == 200]
    assert described["bearer_methods_supported"] == methods == opened


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, f"{API}{WELL_KNOWN}"),
        ({"TAPAUTH_URL_PREFIX": "/auth"}, f"{API}{WELL_KNOWN}"),
        ({"TAPAUTH_ISSUER": f"{API}/tenant1"}, f"{API}{WELL_KNOWN}/tenant1"),
        ({"TAPAUTH_RESOURCES": [f"{API}/v1"]}, f"{API}{WELL_KNOWN}/v1"),
        pytest.param(
            {"TAPAUTH_RESOURCES": [f"{API}/a%20b"]},
            f"{API}{WELL_KNOWN}/a%20b",
        ),
    ],
    ids=["defaults", "prefix", "tenant", "resource", "encoded"],
)
def test_a_refusal_leads_to_the_document(
    make_app: MakeApp, settings: dict[str, Any], url: str
) -> None:
    """RFC 9728 §3.1, §5.1: `resource_metadata` is the URL of the metadata."""
    app = make_app(**settings)

    pointed = pointed_to(refusal_of(app))

    described = app.test_client().get(pointed).get_json()
    assert pointed == url
    assert (
        described["resource"]
        == settings.get("TAPAUTH_RESOURCES", [settings.get("TAPAUTH_ISSUER", API)])[0]
    )


def test_the_document_leads_to_the_server(make_app: MakeApp) -> None:
    """RFC 9728 §5, RFC 8414 §3: a client needs only the issuer."""
    http = make_app(TAPAUTH_ISSUER="https://as.example/tenant1").test_client()

    [issuer] = http.get(WELL_KNOWN).get_json()["authorization_servers"]

    described = http.get(get_well_known_url(issuer)).get_json()
    assert described["issuer"] == issuer


@pytest.mark.parametrize(
    ("path", "status"), [("", 200), ("/v1", 200), ("/v2", 404), ("/v1/orders", 404)]
)
def test_the_resources_path_follows_the_well_known_one(
    make_app: MakeApp, path: str, status: int
) -> None:
    """RFC 9728 §3.1: the metadata of another resource is a 404."""
    http = make_app(TAPAUTH_RESOURCES=[f"{API}/v1"]).test_client()

    assert http.get(WELL_KNOWN + path).status_code == status


def test_the_refusal_of_a_bad_token_leads_to_the_document(http: FlaskClient) -> None:
    """RFC 9728 §5.1: `resource_metadata` is next to the parameters of RFC 6750."""
    answer = http.get("/whoami", headers=bearer("nonsense"))

    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="invalid_token", error_description="')
    assert challenge.endswith(f', resource_metadata="http://localhost{WELL_KNOWN}"')


@pytest.mark.parametrize(
    "host",
    [
        'a"b',
        'api.example", error="insufficient_scope',
        "a\\b",
        "a, b",
        "a/b?c#d",
        "user@api.example",
        "\xff",
        "a\tb",
        "",
    ],
)
def test_a_malformed_host_header_is_not_in_the_challenge(app: Flask, host: str) -> None:
    """RFC 9110 §11.6.1: a quotation mark in it would end the parameter."""
    assert refusal_of(app, HTTP_HOST=host) == "Bearer"
    described = app.test_client().get(WELL_KNOWN, environ_overrides={"HTTP_HOST": host})
    assert described.status_code == 400


def test_a_non_ascii_host_header_is_returned_as_it_was_sent(app: Flask) -> None:
    """RFC 9110 §5.5: header values are ASCII; the answer was a 500."""
    url = pointed_to(refusal_of(app, HTTP_HOST="xn--wgv71a.example"))

    assert urlsplit(url).hostname == "xn--wgv71a.example"


@pytest.mark.parametrize("mounted", ['/a"b', "/a\\b", "/\xc3\xa9"])
def test_a_mount_point_is_encoded_in_the_challenge(app: Flask, mounted: str) -> None:
    """RFC 9110 §11.6.1: a proxy may say what SCRIPT_NAME is."""
    pointed_to(refusal_of(app, SCRIPT_NAME=mounted))


def test_with_an_issuer_the_host_header_is_ignored(make_app: MakeApp) -> None:
    """A caller could point other clients to a server of their own."""
    app = make_app(TAPAUTH_ISSUER=API)

    url = pointed_to(refusal_of(app, HTTP_HOST="evil.example"))

    assert url == f"{API}{WELL_KNOWN}"
