"""Every argument of `clients.create` sets what it says, and nothing else."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Mapped

from flask_tapauth import ClientMixin, TapAuth
from flask_tapauth._base.secrets import SecretChecker
from flask_tapauth._clients.clients import Clients

from ..conftest import MakeApp
from .conftest import JWK

KEYS_URL = "https://keys.example/jwks.json"
DEFAULTS: dict[str, Any] = {
    "client_name": "Reports",
    "is_public": False,
    "has_keys": False,
    "jwks_uri": None,
    "grant_types": ("client_credentials",),
    "scopes": (),
    "redirect_uris": (),
    "access_token_expires_in": None,
    "secret_expires_at": None,
    "is_resource_server": False,
    "resource_uri": None,
    "skip_consent": False,
    "allowed_networks": (),
    "keeps_refresh_token": False,
    "owner_id": None,
}
"""What a client is like that was registered with a name alone."""

ROWS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"name": "Orders"}, {"client_name": "Orders"}),
    ({"client_id": "reports"}, {"client_id": "reports"}),
    ({"client_secret": "chosen very long ago"}, {}),
    (
        {
            "public": True,
            "grant_types": ["implicit"],
            "redirect_uris": ["https://a.example/"],
        },
        {
            "is_public": True,
            "grant_types": ("implicit",),
            "redirect_uris": ("https://a.example/",),
        },
    ),
    (
        {"grant_types": ["client_credentials", "refresh_token"]},
        {"grant_types": ("client_credentials", "refresh_token")},
    ),
    ({"scopes": "b a"}, {"scopes": ("b", "a")}),
    ({"scopes": ["b", "a"]}, {"scopes": ("b", "a")}),
    (
        {"redirect_uris": ["https://a.example/1", "https://a.example/2"]},
        {"redirect_uris": ("https://a.example/1", "https://a.example/2")},
    ),
    ({"expires_in": 90}, {"access_token_expires_in": 90}),
    (
        {"secret_expires_at": datetime(2100, 1, 1, tzinfo=UTC)},
        {"secret_expires_at": 4102444800},
    ),
    ({"secret_expires_at": datetime(2100, 1, 1)}, {"secret_expires_at": 4102444800}),
    ({"resource_server": True}, {"is_resource_server": True}),
    (
        {"resource_server": True, "resource": "https://b.example/x"},
        {"is_resource_server": True, "resource_uri": "https://b.example/x"},
    ),
    ({"skip_consent": True}, {"skip_consent": True}),
    ({"jwks": {"keys": [JWK]}}, {"has_keys": True}),
    ({"jwks_uri": KEYS_URL}, {"has_keys": True, "jwks_uri": KEYS_URL}),
    (
        {"allowed_networks": ["192.0.2.0/24", "2001:db8::/32"]},
        {"allowed_networks": ("192.0.2.0/24", "2001:db8::/32")},
    ),
    (
        {
            "grant_types": ["client_credentials", "refresh_token"],
            "keep_refresh_token": True,
        },
        {
            "grant_types": ("client_credentials", "refresh_token"),
            "keeps_refresh_token": True,
        },
    ),
    ({"owner_id": 7}, {"owner_id": 7}),
]


@pytest.fixture
def tapauth(db: Any) -> TapAuth:
    """TapAuth with a client model of the host."""

    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int | None]

    return TapAuth(db=db, client_model=Client)


@pytest.fixture
def app(make_app: MakeApp, tapauth: TapAuth) -> Flask:
    """An app with resources, and with the issuer that a client with keys requires."""
    resources = ["https://a.example", "https://b.example/x"]
    return make_app(TAPAUTH_ISSUER="https://a.example", TAPAUTH_RESOURCES=resources)


@pytest.mark.parametrize(("arguments", "expected"), ROWS, ids=str)
def test_an_argument_sets_what_it_says(
    app: Flask, tapauth: TapAuth, arguments: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A lost argument leaves a client with too many rights, or too few."""
    client: Any = tapauth.clients.create(**{"name": "Reports", **arguments}).client

    stored = {name: getattr(client, name) for name in {**DEFAULTS, **expected}}
    assert stored == {**DEFAULTS, **expected}


def test_every_argument_has_a_row() -> None:
    """A new argument without a row would not be tested."""
    parameters = inspect.signature(Clients.create).parameters
    rows = {argument for arguments, _ in ROWS for argument in arguments}

    assert rows - {"owner_id"} == parameters.keys() - {"self", "columns"}


def test_a_chosen_secret_is_the_clients(app: Flask, tapauth: TapAuth) -> None:
    """The program that has the chosen secret must be able to sign in with it."""
    secret = "chosen very long ago"
    registered = tapauth.clients.create("Reports", client_secret=secret)

    assert registered.client_secret == secret
    hashes = registered.client.current_secret_hashes()
    assert SecretChecker().find_match([secret], hashes)


def test_the_given_keys_are_stored(app: Flask, tapauth: TapAuth) -> None:
    """RFC 7523 §2.2: assertions are checked with the keys of the client."""
    registered = tapauth.clients.create("Reports", jwks={"keys": [JWK]})

    assert registered.client_secret is None
    assert JWK["x"] in (registered.client.jwks or "")
