"""A client that is a URL, the TLS server that publishes its document, and Ann."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import RegisteredClient, TapAuth
from flask_tapauth._base import fetch as _fetch

from ...conftest import MakeApp
from ..authorization_code.flow import CALLBACK, ISSUER, Flow
from ..private_key_jwt.key_server import KeyServer, http_answer, make_certificates

SCOPES = {"orders:read": "See orders", "orders:write": "Change orders"}
JSON = "Content-Type: application/json"


class Person:
    id = "ann"
    is_active = True


Publish = Callable[..., None]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture
def server(
    certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[KeyServer]:
    """A TLS server on loopback, whose authority is trusted."""
    authority, certificate = certificates
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    server = KeyServer(certificate)
    yield server
    server.close()


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package fetch documents from loopback."""
    monkeypatch.setattr(_fetch, "is_public", lambda address: True)


@pytest.fixture
def url(server: KeyServer) -> str:
    """The URL of the document, which is the client's id."""
    return f"https://127.0.0.1:{server.port}/client.json"


def document(url: str, **changes: Any) -> dict[str, Any]:
    """Return a valid document but for the changes; ... leaves a member out."""
    members = {
        "client_id": url,
        "client_name": "Agent",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


@pytest.fixture
def publish(server: KeyServer, url: str, loopback_is_public: None) -> Publish:
    """Publish a document at the URL."""

    def publish(*headers: str, **changes: Any) -> None:
        body = json.dumps(document(url, **changes)).encode()
        server.answer = http_answer(body, "200 OK", *(headers or (JSON,)))

    publish()
    return publish


@pytest.fixture
def settings() -> dict[str, Any]:
    """More settings, for a test to override."""
    return {}


@pytest.fixture
def person() -> list[Person]:
    """Who is signed in; empty if nobody is."""
    return [Person()]


@pytest.fixture
def app(
    make_app: MakeApp, tapauth: TapAuth, settings: dict[str, Any], person: list[Person]
) -> Flask:
    defaults = {
        "SECRET_KEY": "a key for tests",
        "TAPAUTH_ISSUER": ISSUER,
        "TAPAUTH_SCOPES": SCOPES,
        "TAPAUTH_CLIENT_ID_METADATA": True,
        "TAPAUTH_LOGIN_VIEW": "/login",
    }
    app = make_app(**{**defaults, **settings})
    tapauth.current_user_loader(lambda: next(iter(person), None))
    return app


@pytest.fixture
def flow(app: Flask, url: str) -> Flow:
    """The client and Ann's browser. Nobody has registered the client."""
    return Flow(app, RegisteredClient(url, None, None))  # type: ignore[arg-type]
