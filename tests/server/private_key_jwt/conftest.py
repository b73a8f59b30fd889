"""Clients that sign, and servers that publish their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient
from flask_tapauth._base import fetch as _fetch
from flask_tapauth._clients import remote_keys as _remote_keys
from flask_tapauth._clients.remote_keys import RemoteKeys

from ...conftest import MakeApp, Register, grant
from .commands import write
from .key_server import KeyServer, make_certificates, published
from .signers import ISSUER, Signer, claims_for, key_set, proof, signer

ENDPOINTS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")
ANY_REQUEST = {"grant_type": "client_credentials", "token": "t"}
"""Parameters with which an authenticated client gets a 200 at each endpoint."""

Refusal = tuple[int, bytes, list[tuple[str, str]]]
MakeAssertion = Callable[..., str]


def request_token(http: FlaskClient, assertion: str, **more: Any) -> TestResponse:
    """Send a token request in which an assertion authenticates the client."""
    form = {"grant_type": "client_credentials", **proof(assertion), **more}
    return http.post("/oauth/token", data=form)


def refusal(answer: TestResponse) -> Refusal:
    """Return all that a caller sees of an answer, to compare two answers.

    The header for scripts is not about the client: one endpoint does not send it.
    """
    headers = [h for h in answer.headers if h[0] != "Access-Control-Allow-Origin"]
    return answer.status_code, answer.data, sorted(headers)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(TAPAUTH_ISSUER=ISSUER)


@pytest.fixture
def key() -> Signer:
    return signer()


@pytest.fixture
def signing_client(register: Register, key: Signer) -> RegisteredClient:
    """A client that signs with `key` and has no secret."""
    return register(client_id="signs", jwks=key_set(key))


@pytest.fixture
def make_assertion(signing_client: RegisteredClient, key: Signer) -> MakeAssertion:
    """Make an assertion of the signing client, valid except for the changes."""

    def make(header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        return key.sign(claims_for(signing_client, **changes), **(header or {}))

    return make


@pytest.fixture
def wrong_secret_refusal(http: FlaskClient, register: Register) -> Refusal:
    """The answer to a client that sends the secret of another client."""
    form = grant(register(), client_secret=register().client_secret)
    return refusal(http.post("/oauth/token", data=form))


@pytest.fixture
def key_file(tmp_path: Path, key: Signer) -> str:
    """The path of a file with the client's key set."""
    return write(tmp_path, key_set(key))


class MakeKeyServer(Protocol):
    def __call__(self, authority: Path, certificate: Path) -> KeyServer: ...


@pytest.fixture
def make_key_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeKeyServer]:
    """Start TLS servers whose authority is trusted."""
    started: list[KeyServer] = []

    def make(authority: Path, certificate: Path) -> KeyServer:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        started.append(KeyServer(certificate))
        return started[-1]

    yield make
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture
def key_server(
    make_key_server: MakeKeyServer, certificates: tuple[Path, Path]
) -> KeyServer:
    """A server on loopback, from which the package refuses to fetch keys."""
    return make_key_server(*certificates)


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package fetch keys from loopback."""
    monkeypatch.setattr(_fetch, "is_public", lambda address: True)


@pytest.fixture
def publishing_client(
    register: Register, db: SQLAlchemy, key_server: KeyServer, key: Signer
) -> RegisteredClient:
    """A client whose keys are at the key server; registration refuses such a host."""
    key_server.answer = published(key_set(key))
    client = register(client_id="signs", jwks_uri="https://keys.example/")
    client.client.jwks_uri = key_server.uri
    db.session.commit()
    return client


@dataclass
class Clock:
    now: float = 10_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the cache of fetched keys, which a test sets."""
    clock = Clock()
    time = SimpleNamespace(monotonic=clock.monotonic)
    monkeypatch.setattr(_remote_keys, "time", time)
    return clock


@pytest.fixture
def remote_keys(
    key_server: KeyServer, loopback_is_public: None, clock: Clock
) -> RemoteKeys:
    """A cache that has just fetched the key k1 from the key server."""
    key_server.answer = published(key_set(signer()))
    remote_keys = RemoteKeys()
    assert remote_keys.get(key_server.uri, "k1") is not None
    return remote_keys
