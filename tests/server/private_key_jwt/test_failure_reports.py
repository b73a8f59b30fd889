"""A failed authentication is reported without the assertion, and never crashes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth.signals import client_authentication_failed

from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    MakeAssertion,
    Refusal,
    refusal,
    request_token,
)
from .signers import proof

MARK = "must-not-appear"


@pytest.fixture
def signalled(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The values of the failure signals; the log is captured at DEBUG too."""
    signalled: list[str] = []

    def note(sender: Flask, **values: Any) -> None:
        signalled.append(repr(values))

    with (
        caplog.at_level(logging.DEBUG),
        client_authentication_failed.connected_to(note, sender=app),
    ):
        yield signalled


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"alg": MARK}, {}),
        ({"kid": MARK}, {}),
        ({"crit": [MARK]}, {}),
        ({"crit": [MARK], MARK: 1}, {}),
        ({"typ": [MARK]}, {}),
        ({}, {"sub": MARK * 100}),
        ({}, {"iss": MARK}),
        ({}, {"aud": MARK}),
        ({}, {"aud": {MARK: 1}}),
        ({}, {"exp": MARK}),
        ({}, {"nbf": MARK}),
        ({}, {"jti": MARK * 30}),
        ({}, {"jti": MARK}),
    ],
)
def test_nothing_of_a_refused_assertion_is_reported(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    caplog: pytest.LogCaptureFixture,
    signalled: list[str],
    header: dict[str, Any],
    claims: dict[str, Any],
) -> None:
    """A reader of the log must not find an assertion to replay."""
    text = make_assertion(header, **claims)
    request_token(http, text)

    answer = request_token(
        http, text
    )  # the valid assertion among the cases is a replay now

    assert answer.status_code == 401
    assert signalled
    for each in (answer.text, str(answer.headers), caplog.text, *signalled):
        assert MARK not in each
        assert not any(part in each for part in text.split("."))


@pytest.mark.parametrize(
    ("more", "client_id"), [({}, None), ({"client_id": "signs"}, "signs")]
)
def test_a_failure_is_signalled_with_the_named_client(
    app: Flask,
    http: FlaskClient,
    make_assertion: MakeAssertion,
    more: dict[str, str],
    client_id: str | None,
) -> None:
    """Monitoring counts failures by the `client_id` of the request."""
    seen: list[tuple[str | None, str]] = []

    def see(sender: Flask, client_id: str | None, reason: str) -> None:
        seen.append((client_id, reason))

    with client_authentication_failed.connected_to(see, sender=app):
        request_token(http, make_assertion(aud="https://other.example"), **more)

    assert seen == [(client_id, "assertion")]


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "change",
    ["DELETE FROM tapauth_client", "UPDATE tapauth_client SET disabled_at = 1"],
    ids=["deleted", "disabled"],
)
def test_a_client_shut_out_during_its_request_is_refused(
    app: Flask,
    db: SQLAlchemy,
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    change: str,
    path: str,
) -> None:
    """A race with `clients delete` or `disable` must not end in a 500 or a token."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    form = {**ANY_REQUEST, **proof(make_assertion())}

    def shut_out(connection: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO tapauth_assertion"):
            connection.exec_driver_sql(change)

    sa.event.listen(db.engine, "before_cursor_execute", shut_out)

    assert refusal(http.post(path, data=form)) == wrong_secret_refusal


def test_a_database_failure_after_the_replay_check_is_a_503(
    app: Flask, db: SQLAlchemy, http: FlaskClient, make_assertion: MakeAssertion
) -> None:
    """RFC 9110 §15.6.4: a client may retry a 503, but not a 500."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    text = make_assertion()
    seen: list[str] = []

    def lose(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        seen.append(statement)
        is_lost = any("INTO tapauth_assertion" in each for each in seen[:-1])
        return ("SELECT * FROM nowhere", ()) if is_lost else (statement, parameters)

    sa.event.listen(db.engine, "before_cursor_execute", lose, retval=True)
    answer = request_token(http, text)
    sa.event.remove(db.engine, "before_cursor_execute", lose)

    assert answer.status_code == 503
