"""An assertion is accepted once (RFC 7523 §3, 7)."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ...conftest import Register
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    MakeAssertion,
    Refusal,
    refusal,
    request_token,
)
from .signers import TOKEN_ENDPOINT, claims_for, key_set, proof, signer


@pytest.mark.parametrize("first", ENDPOINTS)
@pytest.mark.parametrize("second", ENDPOINTS)
def test_an_assertion_is_accepted_by_one_endpoint_once(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    first: str,
    second: str,
) -> None:
    """RFC 7523 §3 (7): the endpoints share the memory of used names."""
    form = {**ANY_REQUEST, **proof(make_assertion())}
    assert http.post(first, data=form).status_code == 200

    assert refusal(http.post(second, data=form)) == wrong_secret_refusal


def test_another_assertion_with_the_same_jti_is_a_replay(
    http: FlaskClient, make_assertion: MakeAssertion, wrong_secret_refusal: Refusal
) -> None:
    """RFC 7519 §4.1.7: `jti` identifies the JWT, whatever else differs."""
    request_token(http, make_assertion(jti="j"))

    again = make_assertion(jti="j", aud=TOKEN_ENDPOINT, exp=int(time.time()) + 600)

    assert refusal(request_token(http, again)) == wrong_secret_refusal


@pytest.mark.parametrize("jti", ["J", "j ", " j", "j\0", "ĵ"])
def test_similar_values_of_jti_are_different(
    http: FlaskClient, make_assertion: MakeAssertion, jti: str
) -> None:
    """RFC 7519 §4.1.7: `jti` is a case-sensitive string."""
    request_token(http, make_assertion(jti="j"))

    assert request_token(http, make_assertion(jti=jti)).status_code == 200


def test_two_clients_may_use_the_same_jti(
    http: FlaskClient, register: Register, make_assertion: MakeAssertion
) -> None:
    """RFC 7519 §4.1.7: two issuers may choose the same value."""
    other = register(jwks=key_set(signer(number=2)))
    request_token(http, make_assertion(jti="j"))

    answer = request_token(http, signer(number=2).sign(claims_for(other, jti="j")))

    assert answer.status_code == 200


def test_a_refused_assertion_does_not_use_its_jti_up(
    http: FlaskClient, signing_client: RegisteredClient, make_assertion: MakeAssertion
) -> None:
    """Otherwise anybody could lock a client out by sending its next `jti`."""
    forged = signer(number=2).sign(claims_for(signing_client, jti="j"))
    assert request_token(http, forged).status_code == 401
    assert (
        request_token(http, make_assertion(jti="j", aud="https://other")).status_code
        == 401
    )

    assert request_token(http, make_assertion(jti="j")).status_code == 200
