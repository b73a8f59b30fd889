"""Clients that sign: their keys, the JWTs they make, and ways to send them."""

from __future__ import annotations

import base64
import functools
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from flask.testing import FlaskClient
from joserfc import jwk
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient, _remote_keys

from ..conftest import Register, grant
from .commands import write
from .key_server import KeyServer, make_certificates

ISSUER = "http://localhost"
TOKEN_ENDPOINT = "http://localhost/oauth/token"
ANY_REQUEST = {"grant_type": "client_credentials", "token": "t"}
"""Parameters with which a client that proves itself gets a 200 at each endpoint."""
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")
ENDPOINTS = ("/oauth/token", "/oauth/revoke", "/oauth/introspect")

_jtis = itertools.count()


@dataclass(frozen=True)
class Signer:
    """A client's key pair. It signs whatever it is given, by `cryptography` alone."""

    algorithm: str
    material: Any
    kid: str | None = "k1"

    @property
    def public(self) -> dict[str, Any]:
        return self._as_jwk(private=False)

    @property
    def private(self) -> dict[str, Any]:
        return self._as_jwk(private=True)

    def sign(self, claims: Any, **header: Any) -> str:
        """Return a JWT; a header parameter that is given as None is left out."""
        named = {"alg": self.algorithm, "kid": self.kid, **header}
        return self.sign_raw(
            json.dumps({k: v for k, v in named.items() if v is not None}).encode(),
            json.dumps(claims).encode(),
        )

    def sign_raw(self, header: bytes, payload: bytes) -> str:
        signed = f"{b64url(header)}.{b64url(payload)}"
        return f"{signed}.{b64url(self._signature(signed.encode()))}"

    def _signature(self, data: bytes) -> bytes:
        key = self.material.private_key
        signature: bytes
        match self.algorithm:
            case "ES256" | "ES384":
                size = key.key_size // 8
                sha = hashes.SHA256() if size == 32 else hashes.SHA384()
                pair = utils.decode_dss_signature(key.sign(data, ec.ECDSA(sha)))
                return b"".join(number.to_bytes(size, "big") for number in pair)
            case "PS256":
                salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
                signature = key.sign(data, salted, hashes.SHA256())
            case "RS256":
                signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case _:
                signature = key.sign(data)
        return signature

    def _as_jwk(self, *, private: bool) -> dict[str, Any]:
        members: dict[str, Any] = self.material.as_dict(private=private)
        members.pop("kid", None)
        return members if self.kid is None else {**members, "kid": self.kid}


@functools.cache
def signer(algorithm: str = "ES256", kid: str | None = "k1", number: int = 1) -> Signer:
    """Return a key pair, made once; another `number` is another one."""
    material: Any
    match algorithm:
        case "ES256":
            material = jwk.ECKey.generate_key("P-256")
        case "ES384":
            material = jwk.ECKey.generate_key("P-384")
        case "PS256" | "RS256":
            material = jwk.RSAKey.generate_key(2048)
        case _:
            material = jwk.OKPKey.generate_key("Ed25519")
    return Signer(algorithm, material, kid)


def key_set(*signers: Signer) -> dict[str, Any]:
    """The JWK set (RFC 7517 §5) that the owner of these keys registers."""
    return {"keys": [each.public for each in signers]}


def claims_for(client: RegisteredClient, **changes: Any) -> dict[str, Any]:
    """The claims of a good assertion (RFC 7523 §3); those given as None are left
    out."""
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": ISSUER,
        "exp": int(time.time()) + 60,
        "jti": f"jti-{next(_jtis)}",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def proof(assertion: str) -> dict[str, str]:
    """The parameters that carry an assertion (RFC 7523 §2.2)."""
    return {"client_assertion_type": JWT_BEARER, "client_assertion": assertion}


def ask(http: FlaskClient, assertion: str, **more: Any) -> TestResponse:
    """Ask for a token, with an assertion for a proof."""
    form = {"grant_type": "client_credentials", **proof(assertion), **more}
    return http.post("/oauth/token", data=form)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


Refusal = tuple[int, bytes, list[tuple[str, str]]]


def refusal(answer: TestResponse) -> Refusal:
    """All that a caller can tell an answer by."""
    return answer.status_code, answer.data, sorted(answer.headers)


@pytest.fixture
def key() -> Signer:
    return signer()


@pytest.fixture
def signing(register: Register, key: Signer) -> RegisteredClient:
    """A client that signs with `key` and has no secret."""
    return register(client_id="signs", jwks=key_set(key))


Assertion = Callable[..., str]


@pytest.fixture
def assertion(signing: RegisteredClient, key: Signer) -> Assertion:
    """Make an assertion of the client that is good but for what is changed."""

    def assertion(header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        return key.sign(claims_for(signing, **changes), **(header or {}))

    return assertion


@pytest.fixture
def wrong_secret(http: FlaskClient, register: Register) -> Refusal:
    """The answer to a client that sends another's secret."""
    form = grant(register(), client_secret=register().client_secret)
    return refusal(http.post("/oauth/token", data=form))


@pytest.fixture
def keys(tmp_path: Path, key: Signer) -> str:
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
    """A server on loopback, which is no place to fetch keys from."""
    return make_key_server(*certificates)


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take loopback for the internet."""
    monkeypatch.setattr(_remote_keys, "is_public", lambda address: True)
