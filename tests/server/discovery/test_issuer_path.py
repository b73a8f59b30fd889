"""Where the metadata is, if the issuer or the app has a path."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from authlib.oauth2.rfc8414 import get_well_known_url
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from ...conftest import MakeApp
from .conftest import WELL_KNOWN, pointed_to, urls_in

ISSUER = "https://as.example/tenant1"


def mounted(app: Flask) -> Client:
    """Send requests to a site that has the app at /shop, and nothing elsewhere."""
    return Client(DispatcherMiddleware(NotFound(), {"/shop": app}))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tenant1", 200),
        ("/tenant1/", 200),
        ("/tenant2", 404),
        ("/tenant1/more", 404),
        ("/Tenant1", 404),
    ],
)
def test_the_issuers_path_follows_the_well_known_one(
    make_app: MakeApp, path: str, status: int
) -> None:
    """RFC 8414 §3.1: the metadata of another issuer is a 404."""
    http = make_app(TAPAUTH_ISSUER=ISSUER).test_client()

    answer = http.get(WELL_KNOWN + path)

    assert answer.status_code == status
    if status == 200:
        assert answer.get_json()["issuer"] == ISSUER


def test_an_issuer_without_a_path_has_one_document(http: FlaskClient) -> None:
    """RFC 8414 §3.1: there is nothing below the well-known path."""
    assert http.get(f"{WELL_KNOWN}/tenant1").status_code == 404


@pytest.mark.parametrize(
    "issuer",
    [
        "https://as.example",
        "https://as.example/",
        "https://as.example/a/b",
        pytest.param(
            "https://as.example/ten%20ant",
        ),
    ],
)
def test_a_client_finds_the_document_by_the_issuer(
    make_app: MakeApp, issuer: str
) -> None:
    """RFC 8414 §3.1, §3.3: at Authlib's address, with the same issuer in it."""
    http = make_app(TAPAUTH_ISSUER=issuer).test_client()

    answer = http.get(get_well_known_url(issuer))

    assert answer.status_code == 200
    assert answer.get_json()["issuer"] == issuer


def test_a_mounted_app_names_the_addresses_that_clients_reach(app: Flask) -> None:
    """RFC 8414 §2: SCRIPT_NAME is part of the issuer and of each endpoint's URL."""
    site = mounted(app)

    described = site.get(f"/shop{WELL_KNOWN}", base_url="https://as.example").json

    assert described is not None
    assert described["issuer"] == "https://as.example/shop"
    for path in urls_in(described).values():
        assert path.startswith("/shop/oauth/")
        assert site.post(path).status_code != 404


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        (None, "/shop/.well-known/oauth-protected-resource"),
        ("https://as.example/shop", "/shop/.well-known/oauth-protected-resource"),
        ("https://as.example/v1", "/shop/.well-known/oauth-protected-resource/v1"),
        (
            "https://as.example/shops",
            "/shop/.well-known/oauth-protected-resource/shops",
        ),
        pytest.param(
            "https://as.example/shop/v1",
            "/shop/.well-known/oauth-protected-resource/v1",
        ),
    ],
)
def test_a_mounted_apps_refusal_leads_to_its_document(
    make_app: MakeApp, resource: str | None, url: str
) -> None:
    """RFC 9728 §5.1: the metadata is below the mount point, as the app is."""
    app = make_app(**({"TAPAUTH_RESOURCES": [resource]} if resource else {}))
    site = mounted(app)

    refused = site.get("/shop/whoami", base_url="https://as.example")

    pointed = urlsplit(pointed_to(refused.headers["WWW-Authenticate"]))
    assert (pointed.netloc, pointed.path) == ("as.example", url)
    described = site.get(url, base_url="https://as.example").json
    assert described is not None
    assert described["resource"] == (resource or "https://as.example/shop")
