"""What a client publishes is held to the rules of what it registers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient
from flask_tapauth._remote_keys import RemoteKeys

from ..conftest import Register
from .conftest import (
    Refusal,
    Signer,
    ask,
    claims_for,
    key_set,
    refusal,
    signer,
)
from .key_server import KeyServer, published


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
def test_what_may_not_be_registered_may_not_be_published(
    key_server: KeyServer,
    reachable: None,
    caplog: pytest.LogCaptureFixture,
    value: Any,
) -> None:
    """RFC 7517 §9.2: the rules of a registered set, and no key in the log."""
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
def test_a_published_key_for_another_end_is_passed_by(
    key_server: KeyServer, reachable: None, other: dict[str, Any]
) -> None:
    """RFC 7517 §5: a set may have keys that this server has no use for."""
    key_server.answer = published({"keys": [other, signer().public]})

    keys = RemoteKeys().get(key_server.uri, "k1")

    assert keys is not None
    assert [key.kid for key in keys.keys] == ["k1"]


@pytest.fixture
def publishing(
    db: SQLAlchemy, register: Register, key_server: KeyServer
) -> RegisteredClient:
    """A client whose keys are at the server, which no registration would allow."""
    key_server.answer = published(key_set(signer()))
    client = register(client_id="signs", jwks_uri="https://keys.example/")
    client.client.jwks_uri = key_server.uri
    db.session.commit()
    return client


def test_a_client_signs_with_a_key_that_it_publishes(
    http: FlaskClient, publishing: RegisteredClient, key: Signer, reachable: None
) -> None:
    """Issue text: `--jwks-uri URL`; RFC 7591 §2."""
    assert ask(http, key.sign(claims_for(publishing))).status_code == 200


def test_a_client_whose_keys_cannot_be_had_is_refused(
    http: FlaskClient,
    publishing: RegisteredClient,
    key: Signer,
    key_server: KeyServer,
    wrong_secret: Refusal,
) -> None:
    """The contract: as a wrong secret, and a private host is not connected to."""
    answer = ask(http, key.sign(claims_for(publishing)))

    assert refusal(answer) == wrong_secret
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
def test_a_kid_of_any_kind_is_no_crash(
    app: Flask,
    http: FlaskClient,
    publishing: RegisteredClient,
    key: Signer,
    reachable: None,
    wrong_secret: Refusal,
    kid: Any,
) -> None:
    """RFC 7515 §4.1.4: a string; the first that comes has the set fetched."""
    ask(http, key.sign(claims_for(publishing)))
    header = json.dumps({"alg": key.algorithm, "kid": kid}).encode()

    answer = ask(
        http, key.sign_raw(header, json.dumps(claims_for(publishing)).encode())
    )

    assert refusal(answer) == wrong_secret
