"""What goes wrong with an assertion is not told, and is no crash."""

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
    Assertion,
    Refusal,
    ask,
    refusal,
)

MARK = "tell-nobody"


@pytest.fixture
def told(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What signals tell of failures, and all loggers of anything."""
    signalled: list[str] = []

    def see(sender: Flask, **values: Any) -> None:
        signalled.append(repr(values))

    with (
        caplog.at_level(logging.DEBUG),
        client_authentication_failed.connected_to(see, sender=app),
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
def test_nothing_of_a_refused_assertion_is_told(
    http: FlaskClient,
    assertion: Assertion,
    caplog: pytest.LogCaptureFixture,
    told: list[str],
    header: dict[str, Any],
    claims: dict[str, Any],
) -> None:
    """The contract: no signal, log line or answer carries what proves a client."""
    text = assertion(header, **claims)
    ask(http, text)

    answer = ask(http, text)  # a good one is refused now, too

    assert answer.status_code == 401
    assert told
    for each in (answer.text, str(answer.headers), caplog.text, *told):
        assert MARK not in each
        assert not any(part in each for part in text.split("."))


@pytest.mark.parametrize(
    ("more", "client_id"), [({}, None), ({"client_id": "signs"}, "signs")]
)
def test_a_failure_is_signalled_with_what_was_wrong(
    app: Flask,
    http: FlaskClient,
    assertion: Assertion,
    more: dict[str, str],
    client_id: str | None,
) -> None:
    """The contract: client_authentication_failed, with the client that was named."""
    seen: list[tuple[str | None, str]] = []

    def see(sender: Flask, client_id: str | None, reason: str) -> None:
        seen.append((client_id, reason))

    with client_authentication_failed.connected_to(see, sender=app):
        ask(http, assertion(aud="https://other.example"), **more)

    assert seen == [(client_id, "wrong assertion")]


def test_a_client_that_is_deleted_meanwhile_is_refused(
    app: Flask,
    db: SQLAlchemy,
    http: FlaskClient,
    assertion: Assertion,
    wrong_secret: Refusal,
) -> None:
    """The contract's table: 401 for a deleted client, whenever it was."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    text = assertion()

    def delete(connection: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO tapauth_assertion"):
            connection.exec_driver_sql("DELETE FROM tapauth_client")

    sa.event.listen(db.engine, "before_cursor_execute", delete)

    assert refusal(ask(http, text)) == wrong_secret


def test_a_database_that_is_lost_meanwhile_is_no_crash(
    app: Flask, db: SQLAlchemy, http: FlaskClient, assertion: Assertion
) -> None:
    """The contract's table: 503, at whichever statement."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    text = assertion()
    seen: list[str] = []

    def lose(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        seen.append(statement)
        is_lost = any("INTO tapauth_assertion" in each for each in seen[:-1])
        return ("SELECT * FROM nowhere", ()) if is_lost else (statement, parameters)

    sa.event.listen(db.engine, "before_cursor_execute", lose, retval=True)
    answer = ask(http, text)
    sa.event.remove(db.engine, "before_cursor_execute", lose)

    assert answer.status_code == 503
