"""A deleted account leaves no token for the next owner of its id."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import Register, Run, bearer, grant
from ...server.refresh.conftest import BOTH


@pytest.mark.parametrize("user_id", ["7", 7])
def test_the_tokens_of_a_person_are_revoked(
    app: Flask,
    tapauth: TapAuth,
    http: FlaskClient,
    register: Register,
    user_id: Any,
) -> None:
    """`users.forget`; an integer id means its decimal digits."""
    client = register()
    with app.app_context():
        theirs = tapauth.tokens.issue(client, user_id=user_id)["access_token"]
        others = tapauth.tokens.issue(client, user_id="77")["access_token"]
        assert http.get("/whoami", headers=bearer(theirs)).get_json()["user_id"] == "7"

        forgotten = tapauth.users.forget(user_id)

    assert (forgotten.consents, forgotten.tokens) == (0, 1)
    assert http.get("/whoami", headers=bearer(theirs)).status_code == 401
    assert http.get("/whoami", headers=bearer(others)).status_code == 200


def test_the_tokens_of_a_client_with_the_same_id_are_kept(
    app: Flask, tapauth: TapAuth, http: FlaskClient, register: Register
) -> None:
    """A client is not a user, even if their ids are equal."""
    client = register(client_id="7", grant_types=BOTH)
    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]

    with app.app_context():
        forgotten = tapauth.users.forget("7")

    assert forgotten.tokens == 0
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("user_id", ["", "x" * 256, None, 7.0, True, "a\0b"])
def test_a_wrong_id_is_refused(app: Flask, tapauth: TapAuth, user_id: Any) -> None:
    """`forget(None)` must not revoke the tokens of everybody."""
    with app.app_context(), pytest.raises(RegistrationError):
        tapauth.users.forget(user_id)


def test_an_id_of_another_type_is_refused_with_the_remedy(
    app: Flask, tapauth: TapAuth
) -> None:
    """A user with UUID keys followed the docs, and the error did not say what to do."""
    user_id: Any = uuid.uuid4()

    with app.app_context():
        with pytest.raises(RegistrationError, match=r"a UUID; give str\(user\.id\)"):
            tapauth.users.forget(user_id)
        assert tapauth.users.forget(str(user_id)) == (0, 0)


def test_the_command_prints_the_number_of_consents_and_tokens(
    app: Flask, tapauth: TapAuth, register: Register, run: Run
) -> None:
    """`flask tapauth users forget`."""
    client = register()
    with app.app_context():
        tapauth.tokens.issue(client, user_id="ann")

    told = run("users", "forget", "ann", "--json")

    assert told.exit_code == 0
    assert json.loads(told.stdout) == {"user_id": "ann", "consents": 0, "tokens": 1}
