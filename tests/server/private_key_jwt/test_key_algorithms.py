"""Which algorithms a client's key verifies. All signatures here are genuine."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from ...conftest import Register
from .conftest import Refusal, refusal, request_token
from .signers import ALGORITHMS, Signer, claims_for, signer

RSA_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
METADATA = "/.well-known/oauth-authorization-server"


def rsa_signer(algorithm: str) -> Signer:
    """Return one RSA key pair, the same for each algorithm that it signs with."""
    return dataclasses.replace(signer("RS256"), algorithm=algorithm)


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_a_key_with_alg_verifies_that_algorithm(
    http: FlaskClient, register: Register, alg: str
) -> None:
    """RFC 7517 §4.4: `alg` names the algorithm that the key is for."""
    key = rsa_signer(alg)
    client = register(jwks={"keys": [{**key.public, "alg": alg}]})

    assert request_token(http, key.sign(claims_for(client))).status_code == 200


@pytest.mark.parametrize(
    ("registered", "algorithm"),
    [
        (registered, algorithm)
        for registered in ("RS256", "PS256")
        for algorithm in RSA_ALGORITHMS
        if algorithm != registered
    ],
)
def test_a_key_with_alg_verifies_no_other_algorithm(
    http: FlaskClient,
    register: Register,
    wrong_secret_refusal: Refusal,
    registered: str,
    algorithm: str,
) -> None:
    """RFC 8725 §3.1: the client chooses the algorithm, and not a JWT's sender."""
    key = rsa_signer(algorithm)
    client = register(jwks={"keys": [{**key.public, "alg": registered}]})

    answer = request_token(http, key.sign(claims_for(client)))

    assert refusal(answer) == wrong_secret_refusal


def test_a_key_does_not_verify_the_algorithm_of_another_key_in_its_set(
    http: FlaskClient, register: Register, wrong_secret_refusal: Refusal
) -> None:
    """RFC 8725 §3.1: during a rollover each key keeps to its own algorithm."""
    first, second = rsa_signer("PS256"), signer("RS256", "k2", 2)
    keys = [{**first.public, "alg": "RS256"}, {**second.public, "alg": "PS256"}]
    client = register(jwks={"keys": keys})

    answer = request_token(http, first.sign(claims_for(client)))

    assert refusal(answer) == wrong_secret_refusal


@pytest.mark.parametrize("algorithm", RSA_ALGORITHMS)
def test_an_rsa_key_without_alg_verifies_the_announced_algorithms_only(
    http: FlaskClient, register: Register, algorithm: str
) -> None:
    """RFC 8414 §2: what the metadata announces works, and nothing else does."""
    announced = http.get(METADATA).get_json()[
        "token_endpoint_auth_signing_alg_values_supported"
    ]
    key = rsa_signer(algorithm)
    client = register(jwks={"keys": [key.public]})

    status = request_token(http, key.sign(claims_for(client))).status_code

    assert status == (200 if algorithm in announced else 401)
    assert (algorithm in announced) == (algorithm in ALGORITHMS)
