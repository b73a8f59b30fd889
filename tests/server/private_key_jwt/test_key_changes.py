"""New keys replace old keys and secrets, and no change weakens a client."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import Register, Run, grant
from .commands import KEYS_AT, assert_refused, write
from .conftest import refusal, request_token
from .signers import Signer, claims_for, key_set, signer


def test_new_keys_replace_the_old_keys(
    run: Run, http: FlaskClient, register: Register, tmp_path: Path
) -> None:
    """how-to/clients/private-key-jwt.md: `clients update --jwks` has new keys."""
    old, new = signer(), signer(number=2)
    client = register(jwks=key_set(old))
    request_token(http, old.sign(claims_for(client)))

    run("clients", "update", client.client_id, "--jwks", write(tmp_path, key_set(new)))

    assert request_token(http, new.sign(claims_for(client))).status_code == 200
    assert request_token(http, old.sign(claims_for(client))).status_code == 401


def test_keys_replace_both_secrets(
    run: Run,
    http: FlaskClient,
    tapauth: TapAuth,
    register: Register,
    key: Signer,
    key_file: str,
) -> None:
    """A leaked secret must not keep working in the grace time of its rotation."""
    first = register()
    second = tapauth.clients.rotate_secret(first, grace=600)

    run("clients", "update", first.client_id, "--jwks", key_file)

    assert request_token(http, key.sign(claims_for(first))).status_code == 200
    for client in (first, second):
        assert http.post("/oauth/token", data=grant(client)).status_code == 401


def test_a_key_uri_replaces_keys_and_keys_replace_the_uri(
    run: Run, http: FlaskClient, register: Register, key: Signer, key_file: str
) -> None:
    """RFC 7591 §2: a client has `jwks` or `jwks_uri`, never both."""
    client = register(jwks=key_set(key))
    update = ("clients", "update", client.client_id, "--json")

    there = json.loads(run(*update, "--jwks-uri", KEYS_AT).stdout)
    back = json.loads(run(*update, "--jwks", key_file).stdout)

    assert (there["jwks_uri"], back["jwks_uri"]) == (KEYS_AT, None)
    assert request_token(http, key.sign(claims_for(client))).status_code == 200


def test_a_refused_update_changes_nothing(
    run: Run, http: FlaskClient, register: Register, key: Signer, tmp_path: Path
) -> None:
    """A mistake at the command line must not lock the client out."""
    client = register(jwks=key_set(key))
    path = write(tmp_path, {"keys": [signer(number=2).private]})

    assert_refused(run("clients", "update", client.client_id, "--jwks", path))
    both = ("--jwks", write(tmp_path, key_set(key)), "--jwks-uri", KEYS_AT)
    assert_refused(run("clients", "update", client.client_id, *both))

    assert request_token(http, key.sign(claims_for(client))).status_code == 200


def test_a_client_with_keys_has_no_secret_to_rotate(
    run: Run, register: Register, key: Signer
) -> None:
    """RFC 7591 §2: a client has one authentication method."""
    client = register(jwks=key_set(key))

    assert_refused(run("clients", "rotate-secret", client.client_id))


def test_a_public_client_cannot_get_keys(
    run: Run, register: Register, key_file: str
) -> None:
    """RFC 7591 §2: a client registered with the method `none` keeps that method."""
    client = register(public=True)

    assert_refused(run("clients", "update", client.client_id, "--jwks", key_file))


@pytest.mark.parametrize("column", ["jwks", "jwks_uri"])
def test_a_client_without_its_keys_is_not_a_public_client(
    app: Flask, http: FlaskClient, register: Register, key: Signer, column: str
) -> None:
    """RFC 6749 §2.1: otherwise its bare client_id would authenticate it."""
    client = register(jwks=key_set(key))
    with contextlib.suppress(RegistrationError):
        app.extensions["tapauth"].clients.update(client, **{column: None})

    form = {"client_id": client.client_id, "token": "t"}
    status, *_ = refusal(http.post("/oauth/revoke", data=form))

    assert status == 401
