"""Assertions that prove nothing get the one answer that a wrong secret gets."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ..conftest import Register
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    ISSUER,
    TOKEN_ENDPOINT,
    Assertion,
    Refusal,
    Signer,
    ask,
    claims_for,
    key_set,
    proof,
    refusal,
)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("how", ["data", "json"])
def test_a_refusal_is_the_same_at_every_endpoint(
    http: FlaskClient, assertion: Assertion, wrong_secret: Refusal, path: str, how: str
) -> None:
    """RFC 6749 §5.2, and the contract: one answer, body and headers alike."""
    parameters = {**ANY_REQUEST, **proof(assertion(aud="https://other.example"))}

    assert refusal(http.post(path, **{how: parameters})) == wrong_secret


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "other"),
        ("iss", None),
        ("iss", "SIGNS"),
        ("iss", ["signs"]),
        ("sub", "unknown"),
        ("sub", "Signs"),
        ("sub", "signs "),
        ("sub", None),
        ("jti", None),
        ("jti", ""),
        ("jti", "j" * 256),
        ("jti", 1),
        ("jti", ["j"]),
        ("aud", None),
        ("aud", ""),
        ("aud", []),
        ("aud", "https://other.example"),
        ("aud", ISSUER + "/"),
        ("aud", ISSUER + "/oauth/revoke"),
        ("aud", [ISSUER, "https://other.example"]),
        ("aud", ["https://other.example", TOKEN_ENDPOINT]),
        ("aud", [[ISSUER]]),
        ("aud", [ISSUER, None]),
        ("aud", {ISSUER: 1}),
        ("exp", None),
        ("exp", "soon"),
        ("exp", True),
    ],
)
def test_a_wrong_claim_is_refused(
    http: FlaskClient,
    assertion: Assertion,
    wrong_secret: Refusal,
    claim: str,
    value: Any,
) -> None:
    """RFC 7523 §3 (1, 2, 3, 4, 7), and the contract: all of the audience is ours."""
    assert refusal(ask(http, assertion(**{claim: value}))) == wrong_secret


@pytest.mark.parametrize(
    ("claim", "offset"),
    [("exp", -60), ("exp", 3670), ("exp", 1e15), ("nbf", 70), ("iat", 70)],
)
def test_a_moment_out_of_bounds_is_refused(
    http: FlaskClient,
    assertion: Assertion,
    wrong_secret: Refusal,
    claim: str,
    offset: float,
) -> None:
    """RFC 7523 §3 (4, 5, 6), and the contract: an hour ahead, and 60 s of leeway."""
    moment = int(time.time()) + offset

    assert refusal(ask(http, assertion(**{claim: moment}))) == wrong_secret


@pytest.mark.parametrize("state", ["disabled", "expired", "deleted"])
def test_a_client_that_is_shut_out_is_refused(
    app: Flask,
    http: FlaskClient,
    register: Register,
    key: Signer,
    wrong_secret: Refusal,
    state: str,
) -> None:
    """The contract's table: as a wrong secret, however good the signature."""
    past = datetime(2020, 1, 1, tzinfo=UTC) if state == "expired" else None
    client = register(jwks=key_set(key), secret_expires_at=past)
    clients = app.extensions["tapauth"].clients
    if state == "disabled":
        clients.disable(client)
    elif state == "deleted":
        clients.delete(client)

    assert refusal(ask(http, key.sign(claims_for(client)))) == wrong_secret
