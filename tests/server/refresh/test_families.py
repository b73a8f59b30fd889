"""A refresh token that is used twice: a theft, or a retry (RFC 9700 §4.14.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Register, Registered, bearer, grant
from .conftest import BOTH, refresh, refusal, request_tokens

GRACE = 10
DEAD = (400, "invalid_grant")


def family(http: FlaskClient, client: Registered, size: int = 3) -> list[Any]:
    """Return the answers to a token request and to the refreshes after it."""
    answers = [request_tokens(http, grant(client))]
    while len(answers) < size:
        answers.append(
            request_tokens(http, refresh(client, answers[-1]["refresh_token"]))
        )
    return answers


def opens(http: FlaskClient, answer: dict[str, str]) -> bool:
    headers = bearer(answer["access_token"])
    return http.get("/orders", headers=headers).status_code == 200


@pytest.mark.parametrize("which", [0, 1])
def test_a_used_refresh_token_revokes_its_family(
    http: FlaskClient, client: Registered, which: int
) -> None:
    """RFC 9700 §4.14.2: the newest refresh token and all access tokens, too."""
    answers = family(http, client)
    assert all(opens(http, answer) for answer in answers)

    reused = refresh(client, answers[which]["refresh_token"])
    assert refusal(http, reused) == DEAD

    assert not any(opens(http, answer) for answer in answers)
    for answer in answers:
        assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD


def test_other_families_are_kept(http: FlaskClient, client: Registered) -> None:
    """RFC 9700 §4.14.2: the theft concerns one grant of the client."""
    [first, _], [other] = family(http, client, 2), family(http, client, 1)

    assert refusal(http, refresh(client, first["refresh_token"])) == DEAD

    assert opens(http, other)
    request_tokens(http, refresh(client, other["refresh_token"]))


def test_another_client_cannot_revoke_a_family_by_a_used_token(
    http: FlaskClient, client: Registered, register: Register
) -> None:
    """RFC 6749 §10.4: a refresh token is bound to its client."""
    [first, second] = family(http, client, 2)
    other = register(grant_types=BOTH)

    assert refusal(http, refresh(other, first["refresh_token"])) == DEAD

    assert opens(http, second)
    request_tokens(http, refresh(client, second["refresh_token"]))


def test_a_theft_is_logged_without_a_token(
    http: FlaskClient, client: Registered, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 9700 §4.14.2: a theft is logged with its client, without tokens."""
    caplog.set_level(logging.DEBUG)
    answers = family(http, client)

    assert refusal(http, refresh(client, answers[0]["refresh_token"])) == DEAD

    [warning] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert warning.name.startswith("flask_tapauth")
    assert client.client_id in warning.getMessage()
    for answer in answers:
        for kind in ("access_token", "refresh_token"):
            assert answer[kind][6:-8] not in caplog.text


def test_a_theft_is_noticed_after_a_purge(
    http: FlaskClient,
    client: Registered,
    tapauth: TapAuth,
    wait: Callable[[int], None],
) -> None:
    """Used refresh tokens must be kept until their family expires."""
    [first, second] = family(http, client, 2)
    wait(7200)
    assert tapauth.tokens.purge() == 2  # access tokens

    assert refusal(http, refresh(client, first["refresh_token"])) == DEAD

    assert refusal(http, refresh(client, second["refresh_token"])) == DEAD


def test_a_refresh_that_fails_does_not_use_the_token_up(
    http: FlaskClient, client: Registered, db: SQLAlchemy
) -> None:
    """The client must be able to try again after a failure of the database."""
    [first] = family(http, client, 1)
    failures = [True]

    def fail(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if failures and statement.startswith("INSERT INTO tapauth_token"):
            failures.pop()
            return "SELECT * FROM nowhere", ()
        return statement, parameters

    sa.event.listen(db.engine, "before_cursor_execute", fail, retval=True)

    asked = refresh(client, first["refresh_token"])
    assert refusal(http, asked) == (503, "temporarily_unavailable")
    assert not failures
    assert opens(http, request_tokens(http, asked))


@pytest.fixture
def patient(make_app: MakeApp) -> Flask:
    """An app with a grace time for retries."""
    return make_app(TAPAUTH_REFRESH_GRACE=GRACE)


@pytest.fixture
def retry(patient: Flask, tapauth: TapAuth) -> tuple[FlaskClient, Registered]:
    with patient.app_context():
        client = tapauth.clients.create("R", grant_types=BOTH, scopes="orders:read")
    return patient.test_client(), client


def test_a_retry_within_the_grace_time_gets_tokens_of_its_own(
    retry: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """A client whose answer was lost can try again."""
    http, client = retry
    [first, second] = family(http, client, 2)
    wait(GRACE - 1)

    third = request_tokens(http, refresh(client, first["refresh_token"]))

    assert third["refresh_token"] not in (
        first["refresh_token"],
        second["refresh_token"],
    )
    assert all(opens(http, answer) for answer in (first, second, third))
    for answer in (second, third):
        request_tokens(http, refresh(client, answer["refresh_token"]))


def test_after_the_grace_time_it_is_a_theft(
    retry: tuple[FlaskClient, Registered], wait: Callable[[int], None]
) -> None:
    """The grace time counts from the first use; a retry does not extend it."""
    http, client = retry
    [first, second] = family(http, client, 2)
    wait(GRACE - 1)
    third = request_tokens(http, refresh(client, first["refresh_token"]))
    wait(1)

    assert refusal(http, refresh(client, first["refresh_token"])) == DEAD

    for answer in (second, third):
        assert not opens(http, answer)
        assert refusal(http, refresh(client, answer["refresh_token"])) == DEAD


def test_the_grace_time_revives_no_revoked_family(
    retry: tuple[FlaskClient, Registered], patient: Flask, tapauth: TapAuth
) -> None:
    """RFC 7009 §2.1: revoked tokens stay revoked."""
    http, client = retry
    [first, _] = family(http, client, 2)
    with patient.app_context():
        assert tapauth.tokens.revoke_all(client=client) == 1

    assert refusal(http, refresh(client, first["refresh_token"])) == DEAD
