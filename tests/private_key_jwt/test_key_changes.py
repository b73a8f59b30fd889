"""New keys take the place of old ones and of secrets, and nothing lets anybody in."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth

from ..conftest import Register, Run, grant
from .commands import KEYS_AT, assert_refused, write
from .conftest import Signer, ask, claims_for, key_set, refusal, signer


def test_new_keys_take_the_place_of_the_old(
    run: Run, http: FlaskClient, register: Register, tmp_path: Path
) -> None:
    """Issue text: `clients update --jwks`, at once."""
    old, new = signer(), signer(number=2)
    client = register(jwks=key_set(old))
    ask(http, old.sign(claims_for(client)))

    run("clients", "update", client.client_id, "--jwks", write(tmp_path, key_set(new)))

    assert ask(http, new.sign(claims_for(client))).status_code == 200
    assert ask(http, old.sign(claims_for(client))).status_code == 401


def test_keys_take_the_place_of_both_secrets(
    run: Run,
    http: FlaskClient,
    tapauth: TapAuth,
    register: Register,
    key: Signer,
    keys: str,
) -> None:
    """Issue text: no secret is left, not even one in its grace time."""
    first = register()
    second = tapauth.rotate_secret(first, grace=600)

    run("clients", "update", first.client_id, "--jwks", keys)

    assert ask(http, key.sign(claims_for(first))).status_code == 200
    for client in (first, second):
        assert http.post("/oauth/token", data=grant(client)).status_code == 401


def test_a_uri_takes_the_place_of_keys_and_they_of_it(
    run: Run, http: FlaskClient, register: Register, key: Signer, keys: str
) -> None:
    """RFC 7591 §2: the two exclude each other."""
    client = register(jwks=key_set(key))
    update = ("clients", "update", client.client_id, "--json")

    there = json.loads(run(*update, "--jwks-uri", KEYS_AT).stdout)
    back = json.loads(run(*update, "--jwks", keys).stdout)

    assert (there["jwks_uri"], back["jwks_uri"]) == (KEYS_AT, None)
    assert ask(http, key.sign(claims_for(client))).status_code == 200


def test_a_refused_update_changes_nothing(
    run: Run, http: FlaskClient, register: Register, key: Signer, tmp_path: Path
) -> None:
    """The contract: wrong input, nothing written."""
    client = register(jwks=key_set(key))
    path = write(tmp_path, {"keys": [signer(number=2).private]})

    assert_refused(run("clients", "update", client.client_id, "--jwks", path))
    both = ("--jwks", write(tmp_path, key_set(key)), "--jwks-uri", KEYS_AT)
    assert_refused(run("clients", "update", client.client_id, *both))

    assert ask(http, key.sign(claims_for(client))).status_code == 200


def test_a_client_with_keys_has_no_secret_to_rotate(
    run: Run, register: Register, key: Signer
) -> None:
    """The contract: no command gives it a secret beside its keys."""
    client = register(jwks=key_set(key))

    assert_refused(run("clients", "rotate-secret", client.client_id))


def test_a_public_client_gets_no_keys(run: Run, register: Register, keys: str) -> None:
    """RFC 7591 §2: what was registered to prove nothing stays so."""
    client = register(public=True)

    assert_refused(run("clients", "update", client.client_id, "--jwks", keys))


@pytest.mark.parametrize("column", ["jwks", "jwks_uri"])
def test_taking_keys_away_lets_nobody_in(
    app: Flask, http: FlaskClient, register: Register, key: Signer, column: str
) -> None:
    """The contract: a confidential client never turns into a public one."""
    client = register(jwks=key_set(key))
    with contextlib.suppress(RegistrationError):
        app.extensions["tapauth"].clients.update(client, **{column: None})

    form = {"client_id": client.client_id, "token": "t"}
    status, *_ = refusal(http.post("/oauth/revoke", data=form))

    assert status == 401
