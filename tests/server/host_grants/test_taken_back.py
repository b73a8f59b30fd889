"""What a person granted with a code, and takes back before a client fetches it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from authlib.oauth2.rfc6749.grants import ResourceOwnerPasswordCredentialsGrant
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import Run
from .conftest import CALLBACK, THERE, CodeGrant, allow, exchange


def is_refused(answer: Any) -> bool:
    return (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "command",
    [
        ("users", "forget", "7"),
        ("consents", "revoke", "7"),
        ("tokens", "revoke", "--user", "7"),
        ("tokens", "revoke", "--client", "CLIENT"),
    ],
    ids=" ".join,
)
def test_a_code_ends_with_what_was_granted(
    http: FlaskClient, page: RegisteredClient, run: Run, command: tuple[str, ...]
) -> None:
    """The grant of the host's keeps its code, which went on bringing tokens."""
    code = allow(http, page)["code"]
    arguments = [page.client_id if word == "CLIENT" else word for word in command]
    assert run(*arguments, "--yes").exit_code == 0

    assert is_refused(exchange(http, page, code))


def test_the_codes_of_others_live_on(
    http: FlaskClient, page: RegisteredClient, run: Run
) -> None:
    """Only what the person granted is taken back."""
    code = allow(http, page)["code"]
    assert run("users", "forget", "8", "--yes").exit_code == 0

    assert exchange(http, page, code).status_code == 200


def test_a_code_that_was_purged_brings_nothing(
    app: Flask, db: SQLAlchemy, http: FlaskClient, page: RegisteredClient, run: Run
) -> None:
    """With a clock ahead, a token for another resource became one for this app."""
    code = allow(http, page, resource=THERE)["code"]
    state = app.extensions["tapauth"]
    with app.app_context():
        [*state.store.purge.delete(int(time.time()) + 7200, 100)]

    assert is_refused(exchange(http, page, code))


def test_a_code_that_no_page_gave_brings_nothing(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """What a person allowed is not known, so nothing bounds what it would bring."""
    known = CodeGrant.codes[allow(http, page)["code"]]
    CodeGrant.codes["made-elsewhere"] = known

    assert is_refused(exchange(http, page, "made-elsewhere"))


def test_a_code_is_the_persons_who_allowed_it(
    http: FlaskClient, page: RegisteredClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grant that finds another person would give a token of theirs."""
    code = allow(http, page)["code"]
    other = SimpleNamespace(id="999")
    monkeypatch.setattr(CodeGrant, "authenticate_user", lambda self, code: other)

    assert is_refused(exchange(http, page, code))


class PasswordGrant(ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

    def authenticate_user(self, username: str, password: str) -> Any:
        return SimpleNamespace(id=username)


def test_a_code_says_nothing_beside_another_grant(
    app: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """A token of another grant was for the resource that a code was granted for."""
    tapauth.server.register_grant(PasswordGrant)
    with app.app_context():
        client = tapauth.clients.create(
            "Old",
            grant_types=["password", "authorization_code"],
            redirect_uris=[CALLBACK],
            scopes="orders:read",
        )
    form = {
        "grant_type": "password",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "username": "8",
        "password": "-",
        "resource": THERE,
        "code": allow(http, client, resource=THERE)["code"],
    }

    answer = http.post("/oauth/token", data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")


def test_a_redirect_uri_may_be_left_out_at_both_ends(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1.3: it is compared where the authorization request had one."""
    code = allow(http, page, redirect_uri=None)["code"]

    assert exchange(http, page, code, redirect_uri=None).status_code == 200


def test_a_redirect_uri_that_was_sent_is_compared(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1.3: a stolen code is of no use at another address."""
    code = allow(http, page)["code"]

    assert is_refused(exchange(http, page, code, redirect_uri=None))
