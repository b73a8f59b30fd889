"""Only a key of the client's own, with its own algorithm, proves who it is."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ..conftest import Register
from .conftest import (
    Assertion,
    Refusal,
    Signer,
    ask,
    b64url,
    claims_for,
    key_set,
    refusal,
    signer,
)


@pytest.mark.parametrize(
    "header", [{}, {"kid": None}, {"jwk": signer(number=2).public}, {"kid": "k2"}]
)
def test_a_key_that_is_not_registered_is_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    wrong_secret: Refusal,
    header: dict[str, Any],
) -> None:
    """RFC 7523 §3 (9): a foreign key under our key's name, or brought along."""
    assertion = signer(number=2).sign(claims_for(signing), **header)

    assert refusal(ask(http, assertion)) == wrong_secret


@pytest.mark.parametrize("kid", ["k2", "K1", "k1 ", ""])
def test_a_key_is_found_by_its_exact_name_alone(
    http: FlaskClient, assertion: Assertion, wrong_secret: Refusal, kid: str
) -> None:
    """RFC 7515 §4.1.4: a case-sensitive string."""
    assert refusal(ask(http, assertion({"kid": kid}))) == wrong_secret


@pytest.mark.parametrize("kid", ["k2", None])
def test_with_several_keys_the_right_one_must_be_named(
    http: FlaskClient, register: Register, wrong_secret: Refusal, kid: str | None
) -> None:
    """RFC 7515 §4.1.4: nobody guesses which key it was."""
    key = signer("ES256", "k1")
    client = register(jwks=key_set(key, signer("ES256", "k2", 2)))

    answer = ask(http, key.sign(claims_for(client), kid=kid))

    assert refusal(answer) == wrong_secret


def test_another_clients_key_is_refused(
    http: FlaskClient,
    register: Register,
    signing: RegisteredClient,
    wrong_secret: Refusal,
) -> None:
    """RFC 7523 §3 (9): the subject's key, not just one that is known."""
    other = signer("ES256", "k1", 3)
    register(jwks=key_set(other))

    assert refusal(ask(http, other.sign(claims_for(signing)))) == wrong_secret


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_an_unsigned_assertion_is_refused(
    http: FlaskClient, signing: RegisteredClient, wrong_secret: Refusal, alg: str
) -> None:
    """RFC 8725 §3.2: the algorithm none proves nothing."""
    header = json.dumps({"alg": alg, "kid": "k1"}).encode()
    payload = json.dumps(claims_for(signing)).encode()

    answer = ask(http, f"{b64url(header)}.{b64url(payload)}.")

    assert refusal(answer) == wrong_secret


def _pem(key: Signer) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat
    pem: bytes = key.material.public_key.public_bytes(
        encoding, form.SubjectPublicKeyInfo
    )
    return pem


@pytest.mark.parametrize(
    "secret",
    [
        _pem,
        lambda key: _pem(key).strip(),
        lambda key: json.dumps(key.public).encode(),
        lambda key: key.public["n"].encode(),
        lambda key: b"",
    ],
    ids=["pem", "stripped", "jwk", "modulus", "empty"],
)
def test_a_public_key_is_no_hmac_secret(
    http: FlaskClient,
    register: Register,
    wrong_secret: Refusal,
    secret: Callable[[Signer], bytes],
) -> None:
    """RFC 8725 §2.1: HS256 over what everybody knows."""
    key = signer("RS256")
    client = register(jwks=key_set(key))
    signed = key.sign(claims_for(client), alg="HS256").rpartition(".")[0]
    mac = hmac.new(secret(key), signed.encode(), hashlib.sha256).digest()

    assert refusal(ask(http, f"{signed}.{b64url(mac)}")) == wrong_secret


@pytest.mark.parametrize(
    ("registered_alg", "alg"),
    [("PS256", "RS256"), ("RS256", "RS384"), (None, "PS256"), (None, "ES256")],
)
def test_a_key_signs_with_its_own_algorithm_alone(
    http: FlaskClient,
    register: Register,
    wrong_secret: Refusal,
    registered_alg: str | None,
    alg: str,
) -> None:
    """RFC 8725 §3.1: the JWK says which, and the header must not say another."""
    key = signer("RS256")
    named = {} if registered_alg is None else {"alg": registered_alg}
    client = register(jwks={"keys": [{**key.public, **named}]})

    assert refusal(ask(http, key.sign(claims_for(client), alg=alg))) == wrong_secret


def test_a_signature_in_another_encoding_is_refused(
    http: FlaskClient, signing: RegisteredClient, key: Signer, wrong_secret: Refusal
) -> None:
    """RFC 7518 §3.4: R and S side by side, not ASN.1."""
    signed = key.sign(claims_for(signing)).rpartition(".")[0]
    der = key.material.private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))

    assert refusal(ask(http, f"{signed}.{b64url(der)}")) == wrong_secret
