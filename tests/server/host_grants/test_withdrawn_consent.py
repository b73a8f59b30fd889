"""A person withdraws a consent, and the code that came from it is refused."""

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
def test_a_code_ends_with_its_consent(
    http: FlaskClient, page: RegisteredClient, run: Run, command: tuple[str, ...]
) -> None:
    """The grant of a host still had the code, and tokens were issued for it."""
    code = allow(http, page)["code"]
    arguments = [page.client_id if word == "CLIENT" else word for word in command]
    assert run(*arguments, "--yes").exit_code == 0

    assert is_refused(exchange(http, page, code))


def test_the_codes_of_other_people_are_kept(
    http: FlaskClient, page: RegisteredClient, run: Run
) -> None:
    """Only what this person granted is withdrawn."""
    code = allow(http, page)["code"]
    assert run("users", "forget", "8", "--yes").exit_code == 0

    assert exchange(http, page, code).status_code == 200


def test_a_code_whose_row_was_purged_is_refused(
    app: Flask, db: SQLAlchemy, http: FlaskClient, page: RegisteredClient, run: Run
) -> None:
    """A clock was ahead, and a token for another resource became one for this app."""
    code = allow(http, page, resource=THERE)["code"]
    state = app.extensions["tapauth"]
    with app.app_context():
        [*state.store.purge.delete(int(time.time()) + 7200, 100)]

    assert is_refused(exchange(http, page, code))


def test_a_code_without_a_consent_is_refused(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """Without a consent, nothing limits what the token would open."""
    known = CodeGrant.codes[allow(http, page)["code"]]
    CodeGrant.codes["made-elsewhere"] = known

    assert is_refused(exchange(http, page, "made-elsewhere"))


def test_a_code_is_refused_for_another_person(
    http: FlaskClient, page: RegisteredClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grant that finds another person would issue a token for that person."""
    code = allow(http, page)["code"]
    other = SimpleNamespace(id="999")
    monkeypatch.setattr(CodeGrant, "authenticate_user", lambda self, code: other)

    assert is_refused(exchange(http, page, code))


class PasswordGrant(ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

    def authenticate_user(self, username: str, password: str) -> Any:
        return SimpleNamespace(id=username)


def test_a_code_in_a_request_of_another_grant_is_ignored(
    app: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """The token of another grant was for the resource of the code."""
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
    """RFC 6749 §4.1.3: it is compared if the authorization request had one."""
    code = allow(http, page, redirect_uri=None)["code"]

    assert exchange(http, page, code, redirect_uri=None).status_code == 200


def test_a_redirect_uri_that_was_sent_is_compared(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1.3: a stolen code cannot be used with another URI."""
    code = allow(http, page)["code"]

    assert is_refused(exchange(http, page, code, redirect_uri=None))
