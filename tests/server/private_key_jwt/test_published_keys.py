"""Published keys follow the same rules as registered keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient
from flask_tapauth._clients.remote_keys import RemoteKeys

from .conftest import Refusal, refusal, request_token
from .key_server import KeyServer, published
from .signers import Signer, claims_for, signer


@pytest.mark.parametrize(
    "value",
    [
        "not JSON",
        [],
        {"keys": []},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0" * 8}]},
        pytest.param(
            {"keys": [signer().private]},
        ),
        {"keys": [{**signer().public, "crv": []}]},
    ],
    ids=["text", "list", "empty", "symmetric", "private", "crv"],
)
def test_a_key_set_that_cannot_be_registered_cannot_be_published(
    key_server: KeyServer,
    loopback_is_public: None,
    caplog: pytest.LogCaptureFixture,
    value: Any,
) -> None:
    """RFC 7517 §9.2: no symmetric or private key, and no such key in the log."""
    key_server.answer = published(value)

    assert RemoteKeys().get(key_server.uri, "k1") is None
    assert key_server.uri in caplog.text
    assert signer().private["d"] not in caplog.text
    assert "c2VjcmV0" not in caplog.text


@pytest.mark.parametrize(
    "other",
    [
        {**signer("RS256", "k2").public, "use": "enc"},
        {**signer("RS256", "k2").public, "alg": "RSA-OAEP"},
        {"kty": "EC", "crv": "secp256k1", "kid": "k2"},
        {"kty": "new"},
    ],
    ids=["use", "alg", "crv", "kty"],
)
def test_a_published_key_for_another_purpose_is_skipped(
    key_server: KeyServer, loopback_is_public: None, other: dict[str, Any]
) -> None:
    """RFC 7517 §5: a set may have keys that this server cannot use."""
    key_server.answer = published({"keys": [other, signer().public]})

    keys = RemoteKeys().get(key_server.uri, "k1")

    assert keys is not None
    assert [key.kid for key in keys.keys] == ["k1"]


def test_a_client_authenticates_with_a_published_key(
    http: FlaskClient,
    publishing_client: RegisteredClient,
    key: Signer,
    loopback_is_public: None,
) -> None:
    """RFC 7591 §2 (jwks_uri)."""
    assert (
        request_token(http, key.sign(claims_for(publishing_client))).status_code == 200
    )


def test_a_client_whose_key_host_is_private_is_refused(
    http: FlaskClient,
    publishing_client: RegisteredClient,
    key: Signer,
    key_server: KeyServer,
    wrong_secret_refusal: Refusal,
) -> None:
    """RFC 6749 §5.2: the answer is that to a wrong secret, without a connection."""
    answer = request_token(http, key.sign(claims_for(publishing_client)))

    assert refusal(answer) == wrong_secret_refusal
    assert key_server.connections == 0


@pytest.mark.parametrize(
    "kid",
    [
        "k2",
        5,
        None,
        [],
        {},
    ],
)
def test_a_kid_that_names_no_published_key_is_refused(
    app: Flask,
    http: FlaskClient,
    publishing_client: RegisteredClient,
    key: Signer,
    loopback_is_public: None,
    wrong_secret_refusal: Refusal,
    kid: Any,
) -> None:
    """RFC 7515 §4.1.4: whatever the type of `kid`, the answer is no crash."""
    request_token(http, key.sign(claims_for(publishing_client)))
    header = json.dumps({"alg": key.algorithm, "kid": kid}).encode()

    answer = request_token(
        http, key.sign_raw(header, json.dumps(claims_for(publishing_client)).encode())
    )

    assert refusal(answer) == wrong_secret_refusal
