"""A client authenticates with an assertion, at every endpoint."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient
from flask_tapauth.signals import client_authenticated

from ...conftest import IssueToken, Register, bearer
from .conftest import MakeAssertion, request_token
from .signers import ALGORITHMS, Signer, claims_for, key_set, proof, signer


@pytest.mark.parametrize("how", ["data", "json"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_client_gets_a_token_with_an_assertion(
    http: FlaskClient, register: Register, algorithm: str, how: str
) -> None:
    """RFC 7523 §2.2: in a form or in JSON, without a shared secret."""
    key = signer(algorithm)
    client = register(jwks=key_set(key))
    parameters = {"grant_type": "client_credentials"}
    parameters.update(proof(key.sign(claims_for(client))))

    answer = http.post("/oauth/token", **{how: parameters})

    assert client.client_secret is None
    assert answer.status_code == 200, answer.text
    token = answer.get_json()["access_token"]
    whoami = http.get("/whoami", headers=bearer(token)).get_json()
    assert whoami["client_id"] == client.client_id


@pytest.mark.parametrize("how", ["data", "json"])
def test_a_client_revokes_a_token_with_an_assertion(
    http: FlaskClient,
    signing_client: RegisteredClient,
    make_assertion: MakeAssertion,
    issue_token: IssueToken,
    how: str,
) -> None:
    """RFC 7009 §2.1: the client authenticates as at the token endpoint."""
    token = issue_token(signing_client)

    answer = http.post(
        "/oauth/revoke", **{how: {"token": token, **proof(make_assertion())}}
    )

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("how", ["data", "json"])
def test_a_client_introspects_a_token_with_an_assertion(
    http: FlaskClient,
    signing_client: RegisteredClient,
    make_assertion: MakeAssertion,
    issue_token: IssueToken,
    how: str,
) -> None:
    """RFC 7662 §2.1: the client authenticates as at the token endpoint."""
    parameters = {"token": issue_token(signing_client), **proof(make_assertion())}

    answer = http.post("/oauth/introspect", **{how: parameters})

    assert answer.get_json()["active"] is True
    assert answer.get_json()["client_id"] == signing_client.client_id


def test_a_client_refreshes_a_token_with_an_assertion(
    http: FlaskClient, register: Register, key: Signer
) -> None:
    """RFC 6749 §6: a client with credentials authenticates to refresh, too."""
    client = register(
        jwks=key_set(key), grant_types=["client_credentials", "refresh_token"]
    )
    first = request_token(http, key.sign(claims_for(client))).get_json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    form.update(proof(key.sign(claims_for(client))))
    answer = http.post("/oauth/token", data=form)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ["k1", "k2"])
def test_each_of_several_keys_is_found_by_its_name(
    http: FlaskClient, register: Register, name: str
) -> None:
    """RFC 7515 §4.1.4: during a rollover `kid` tells the keys apart."""
    keys = [signer("ES256", "k1"), signer("PS256", "k2")]
    client = register(jwks=key_set(*keys))
    [key] = [key for key in keys if key.kid == name]

    assert request_token(http, key.sign(claims_for(client))).status_code == 200


@pytest.mark.parametrize("registered_as", ["k1", None])
def test_an_only_key_needs_no_name(
    http: FlaskClient, register: Register, registered_as: str | None
) -> None:
    """RFC 7515 §4.1.4: `kid` is optional."""
    key = signer("ES256", registered_as)
    client = register(jwks=key_set(key))

    assert (
        request_token(http, key.sign(claims_for(client), kid=None)).status_code == 200
    )


def test_the_name_of_an_unnamed_key_is_its_thumbprint(
    http: FlaskClient, register: Register
) -> None:
    """RFC 7638 §3.1: libraries use the thumbprint as `kid`."""
    key, other = signer("ES256", None), signer("ES384", "k2")
    client = register(jwks=key_set(other, key))

    answer = request_token(
        http, key.sign(claims_for(client), kid=key.material.thumbprint())
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_an_ed25519_key_verifies_both_names_of_its_algorithm(
    http: FlaskClient, register: Register, name: str
) -> None:
    """RFC 9864 §2.2: EdDSA is the old name, Ed25519 the new one."""
    key = signer("EdDSA")
    client = register(jwks=key_set(key))

    assert (
        request_token(http, key.sign(claims_for(client), alg=name)).status_code == 200
    )


def test_a_client_id_next_to_the_assertion_is_accepted(
    http: FlaskClient, signing_client: RegisteredClient, make_assertion: MakeAssertion
) -> None:
    """RFC 7521 §4.2: `client_id` is optional and must name the subject."""
    answer = request_token(http, make_assertion(), client_id=signing_client.client_id)

    assert answer.status_code == 200


def test_an_authenticated_client_is_signalled(
    app: Flask,
    http: FlaskClient,
    signing_client: RegisteredClient,
    make_assertion: MakeAssertion,
) -> None:
    """Monitoring must see clients with keys as it sees clients with secrets."""
    seen: list[str] = []

    def see(sender: Flask, client: Any) -> None:
        seen.append(client.client_id)

    with client_authenticated.connected_to(see, sender=app):
        request_token(http, make_assertion())

    assert seen == [signing_client.client_id]
