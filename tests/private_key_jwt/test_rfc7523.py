"""A client authenticates by an assertion, at every endpoint that asks who it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient
from flask_tapauth.signals import client_authenticated

from ..conftest import IssueToken, Register, bearer
from .conftest import (
    ALGORITHMS,
    Assertion,
    Signer,
    ask,
    claims_for,
    key_set,
    proof,
    signer,
)


@pytest.mark.parametrize("how", ["data", "json"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_assertion_gets_a_token_that_opens_a_view(
    http: FlaskClient, register: Register, algorithm: str, how: str
) -> None:
    """RFC 7523 §2.2, in a form or in JSON: no shared secret exists."""
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
def test_an_assertion_proves_whose_token_is_revoked(
    http: FlaskClient,
    signing: RegisteredClient,
    assertion: Assertion,
    issue_token: IssueToken,
    how: str,
) -> None:
    """RFC 7009 §2.1: the client authenticates as at the token endpoint."""
    token = issue_token(signing)

    answer = http.post("/oauth/revoke", **{how: {"token": token, **proof(assertion())}})

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("how", ["data", "json"])
def test_an_assertion_proves_who_introspects(
    http: FlaskClient,
    signing: RegisteredClient,
    assertion: Assertion,
    issue_token: IssueToken,
    how: str,
) -> None:
    """RFC 7662 §2.1: the client authenticates as at the token endpoint."""
    parameters = {"token": issue_token(signing), **proof(assertion())}

    answer = http.post("/oauth/introspect", **{how: parameters})

    assert answer.get_json()["active"] is True
    assert answer.get_json()["client_id"] == signing.client_id


def test_an_assertion_goes_with_the_refresh_token_grant(
    http: FlaskClient, register: Register, key: Signer
) -> None:
    """RFC 6749 §6: a client with credentials authenticates to refresh, too."""
    client = register(
        jwks=key_set(key), grant_types=["client_credentials", "refresh_token"]
    )
    first = ask(http, key.sign(claims_for(client))).get_json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    form.update(proof(key.sign(claims_for(client))))
    answer = http.post("/oauth/token", data=form)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ["k1", "k2"])
def test_each_of_several_keys_serves_by_its_name(
    http: FlaskClient, register: Register, name: str
) -> None:
    """RFC 7515 §4.1.4: the kid says which, so that keys can be changed."""
    keys = [signer("ES256", "k1"), signer("PS256", "k2")]
    client = register(jwks=key_set(*keys))
    [key] = [key for key in keys if key.kid == name]

    assert ask(http, key.sign(claims_for(client))).status_code == 200


@pytest.mark.parametrize("registered_as", ["k1", None])
def test_one_key_needs_no_name(
    http: FlaskClient, register: Register, registered_as: str | None
) -> None:
    """RFC 7515 §4.1.4: the kid is optional, and one key leaves no doubt."""
    key = signer("ES256", registered_as)
    client = register(jwks=key_set(key))

    assert ask(http, key.sign(claims_for(client), kid=None)).status_code == 200


def test_a_key_without_a_name_is_known_by_its_thumbprint(
    http: FlaskClient, register: Register
) -> None:
    """The contract: RFC 7638's thumbprint is the name of a key that came without."""
    key, other = signer("ES256", None), signer("ES384", "k2")
    client = register(jwks=key_set(other, key))

    answer = ask(http, key.sign(claims_for(client), kid=key.material.thumbprint()))

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_an_ed25519_key_signs_under_both_names_of_the_algorithm(
    http: FlaskClient, register: Register, name: str
) -> None:
    """RFC 9864 §2.2: EdDSA is the old name, Ed25519 the new one."""
    key = signer("EdDSA")
    client = register(jwks=key_set(key))

    assert ask(http, key.sign(claims_for(client), alg=name)).status_code == 200


def test_a_client_id_in_the_body_may_repeat_who_it_is(
    http: FlaskClient, signing: RegisteredClient, assertion: Assertion
) -> None:
    """RFC 7521 §4.2: unnecessary, and if present it is the subject's."""
    answer = ask(http, assertion(), client_id=signing.client_id)

    assert answer.status_code == 200


def test_a_proven_client_is_signalled(
    app: Flask, http: FlaskClient, signing: RegisteredClient, assertion: Assertion
) -> None:
    """The contract: client_authenticated, as for a secret."""
    seen: list[str] = []

    def see(sender: Flask, client: Any) -> None:
        seen.append(client.client_id)

    with client_authenticated.connected_to(see, sender=app):
        ask(http, assertion())

    assert seen == [signing.client_id]
