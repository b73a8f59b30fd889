"""An app that signs its tokens, its keys, and helpers to forge tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk
from joserfc.jws import JWSRegistry

from ...conftest import MakeApp, bearer

ISSUER = "https://api.example.com"
ELSEWHERE = "https://invoices.example.com"
ALGORITHMS = ("ES256", "EdDSA", "RS256", "HS256")
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
"""The members of a JWK that nobody else may see (RFC 7518 §6)."""
Key = dict[str, Any]
Sign = Callable[[bytes], bytes]
AssertRefused = Callable[[str], None]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(**signing(make_key()))


@pytest.fixture
def assert_refused(http: FlaskClient) -> AssertRefused:
    """Assert that a token is refused with ``invalid_token`` (RFC 6750 §3.1)."""

    def assert_refused(token: str) -> None:
        answer = http.get("/whoami", headers=bearer(token))
        assert answer.status_code == 401
        assert answer.get_json()["error"] == "invalid_token"
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer error="invalid_token"')

    return assert_refused


def make_key(algorithm: str = "ES256", kid: str = "first") -> Key:
    """Return a private key; the same one for the same arguments."""
    return {**_members(algorithm, kid), "kid": kid, "alg": algorithm}


@cache
def _members(algorithm: str, kid: str) -> Key:
    made: Any
    match algorithm:
        case "ES256":
            made = jwk.ECKey.generate_key("P-256")
        case "EdDSA":
            made = jwk.OKPKey.generate_key("Ed25519")
        case "HS256":
            made = jwk.OctKey.generate_key(256)
        case _:
            made = jwk.RSAKey.generate_key(2048)
    members: Key = made.as_dict(private=True)
    return members


def public(key: Key) -> Key:
    return {name: value for name, value in key.items() if name not in PRIVATE}


def signing(*keys: Key, **settings: Any) -> dict[str, Any]:
    """The settings of an app that signs with the first of these keys."""
    return {
        "TAPAUTH_TOKEN_FORMAT": "jwt",
        "TAPAUTH_ISSUER": ISSUER,
        "TAPAUTH_JWT_KEYS": {"keys": list(keys)},
        "TAPAUTH_JWT_ALGORITHM": keys[0]["alg"],
        **settings,
    }


def header_of(token: str) -> dict[str, Any]:
    """Read a token's header without looking at its signature."""
    return _part(token, 0)


def claims_of(token: str) -> dict[str, Any]:
    return _part(token, 1)


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    members: dict[str, Any] = json.loads(base64.urlsafe_b64decode(f"{part}==="))
    return members


def signer(key: Key, algorithm: str | None = None) -> Sign:
    """Return a function that signs with a key, by any algorithm of its type."""
    model = JWSRegistry.algorithms[algorithm or key["alg"]]
    material = jwk.import_key({k: v for k, v in key.items() if k != "alg"})
    return lambda signed: model.sign(signed, material)


def compact(header: object, claims: object, sign: Sign) -> str:
    """Build a JWS (RFC 7515 §7.1) without any check of its contents."""
    signed = f"{encode(json.dumps(header))}.{encode(json.dumps(claims))}"
    return f"{signed}.{encode(sign(signed.encode()))}"


def encode(data: str | bytes) -> str:
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def resign(
    token: str,
    sign: Sign,
    header: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
) -> str:
    """Change members of a token, omit those that are None, and sign it again."""
    return compact(
        _changed(header_of(token), header or {}),
        _changed(claims_of(token), claims or {}),
        sign,
    )


def _changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    changed = {**members, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def as_file(value: str, directory: Path) -> Path:
    file = directory / "keys.json"
    file.write_text(value)
    return file


GIVEN: dict[str, Callable[[str, Path], Any]] = {
    "dict": lambda text, directory: json.loads(text),
    "JSON": lambda text, directory: text,
    "indented JSON": lambda text, directory: "\n  " + text,
    "path": lambda text, directory: str(as_file(text, directory)),
    "Path": as_file,
}


def whoami(http: FlaskClient, token: str) -> int:
    return http.get("/whoami", headers=bearer(token)).status_code
