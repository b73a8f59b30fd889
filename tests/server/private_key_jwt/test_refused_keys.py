"""Only a key of the client itself, with an algorithm of that key, authenticates it."""

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

from ...conftest import Register
from .conftest import MakeAssertion, Refusal, refusal, request_token
from .signers import Signer, b64url, claims_for, key_set, signer


@pytest.mark.parametrize(
    "header", [{}, {"kid": None}, {"jwk": signer(number=2).public}, {"kid": "k2"}]
)
def test_a_key_that_is_not_registered_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    wrong_secret_refusal: Refusal,
    header: dict[str, Any],
) -> None:
    """RFC 7523 §3 (9): a foreign key, under the registered name or in the header."""
    assertion = signer(number=2).sign(claims_for(signing_client), **header)

    assert refusal(request_token(http, assertion)) == wrong_secret_refusal


@pytest.mark.parametrize("kid", ["k2", "K1", "k1 ", ""])
def test_a_key_is_found_by_its_exact_name_only(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    kid: str,
) -> None:
    """RFC 7515 §4.1.4: a case-sensitive string."""
    assert (
        refusal(request_token(http, make_assertion({"kid": kid})))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize("kid", ["k2", None])
def test_with_several_keys_the_assertion_must_name_its_key(
    http: FlaskClient,
    register: Register,
    wrong_secret_refusal: Refusal,
    kid: str | None,
) -> None:
    """RFC 7515 §4.1.4: the server does not try one key after the other."""
    key = signer("ES256", "k1")
    client = register(jwks=key_set(key, signer("ES256", "k2", 2)))

    answer = request_token(http, key.sign(claims_for(client), kid=kid))

    assert refusal(answer) == wrong_secret_refusal


def test_another_clients_key_is_refused(
    http: FlaskClient,
    register: Register,
    signing_client: RegisteredClient,
    wrong_secret_refusal: Refusal,
) -> None:
    """RFC 7523 §3 (9): the key must be the subject's, not another client's."""
    other = signer("ES256", "k1", 3)
    register(jwks=key_set(other))

    assert (
        refusal(request_token(http, other.sign(claims_for(signing_client))))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_an_unsigned_assertion_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    wrong_secret_refusal: Refusal,
    alg: str,
) -> None:
    """RFC 8725 §3.2: with the algorithm `none` anybody could be any client."""
    header = json.dumps({"alg": alg, "kid": "k1"}).encode()
    payload = json.dumps(claims_for(signing_client)).encode()

    answer = request_token(http, f"{b64url(header)}.{b64url(payload)}.")

    assert refusal(answer) == wrong_secret_refusal


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
def test_a_public_key_is_not_accepted_as_an_hmac_secret(
    http: FlaskClient,
    register: Register,
    wrong_secret_refusal: Refusal,
    secret: Callable[[Signer], bytes],
) -> None:
    """RFC 8725 §2.1: everybody knows the public key, so everybody could sign."""
    key = signer("RS256")
    client = register(jwks=key_set(key))
    signed = key.sign(claims_for(client), alg="HS256").rpartition(".")[0]
    mac = hmac.new(secret(key), signed.encode(), hashlib.sha256).digest()

    assert (
        refusal(request_token(http, f"{signed}.{b64url(mac)}")) == wrong_secret_refusal
    )


def test_a_signature_in_another_encoding_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
) -> None:
    """RFC 7518 §3.4: a signature is R and S side by side, not ASN.1."""
    signed = key.sign(claims_for(signing_client)).rpartition(".")[0]
    der = key.material.private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))

    assert (
        refusal(request_token(http, f"{signed}.{b64url(der)}")) == wrong_secret_refusal
    )
