"""A wrong assertion gets the same answer as a wrong secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import Register
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    MakeAssertion,
    Refusal,
    refusal,
    request_token,
)
from .signers import ISSUER, TOKEN_ENDPOINT, Signer, claims_for, key_set, proof


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("how", ["data", "json"])
def test_a_refusal_is_the_same_at_every_endpoint(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    path: str,
    how: str,
) -> None:
    """RFC 6749 §5.2: a caller must not learn from the answer what was wrong."""
    parameters = {**ANY_REQUEST, **proof(make_assertion(aud="https://other.example"))}

    assert refusal(http.post(path, **{how: parameters})) == wrong_secret_refusal


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
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    claim: str,
    value: Any,
) -> None:
    """RFC 7523 §3 (1, 2, 3, 4, 7): and every audience must be this server."""
    assert (
        refusal(request_token(http, make_assertion(**{claim: value})))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize(
    ("claim", "offset"),
    [("exp", -60), ("exp", 3670), ("exp", 1e15), ("nbf", 70), ("iat", 70)],
)
def test_a_time_out_of_bounds_is_refused(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    claim: str,
    offset: float,
) -> None:
    """RFC 7523 §3 (4, 5, 6): `exp` up to an hour ahead, with 60 seconds of leeway."""
    moment = int(time.time()) + offset

    assert (
        refusal(request_token(http, make_assertion(**{claim: moment})))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize("state", ["disabled", "expired", "deleted"])
def test_a_disabled_expired_or_deleted_client_is_refused(
    app: Flask,
    http: FlaskClient,
    register: Register,
    key: Signer,
    wrong_secret_refusal: Refusal,
    expire: Callable[[str], None],
    state: str,
) -> None:
    """A valid signature must not tell a caller that the client exists."""
    client = register(jwks=key_set(key))
    clients = app.extensions["tapauth"].clients
    if state == "expired":
        expire(client.client_id)
    elif state == "disabled":
        clients.disable(client)
    elif state == "deleted":
        clients.delete(client)

    assert (
        refusal(request_token(http, key.sign(claims_for(client))))
        == wrong_secret_refusal
    )
