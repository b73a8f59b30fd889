"""Each refusal of a token has a reason for operators, which the caller never reads.

docs/how-to/running/refusals.md: log, signal and ``tokens explain`` use the same words.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, signals

from ..conftest import Run, bearer
from ..tokens import set_all

Spoil = Callable[[TapAuth, SQLAlchemy], Any]


def _expire_secret(tapauth: TapAuth, db: SQLAlchemy) -> None:
    set_all(db, tapauth.Client, secret_expires_at=int(time.time()) - 1)


SPOILT: dict[str, Spoil] = {
    "expired": lambda t, db: set_all(db, t.Token, expires_at=int(time.time()) - 1),
    "revoked": lambda t, db: t.tokens.revoke_all(client="reports"),
    "client_disabled": lambda t, db: t.clients.disable("reports"),
    "client_expired": _expire_secret,
    "unknown": lambda t, db: t.clients.delete("reports"),
    "audience": lambda t, db: set_all(db, t.Token, audience=("https://b.example",)),
}
"""What has happened to a good token, by the reason for which it is refused."""


@pytest.fixture
def told(app: Flask) -> Iterator[list[dict[str, Any]]]:
    """The arguments of the signal ``token_rejected``."""
    told: list[dict[str, Any]] = []

    def hear(_: Flask, **arguments: Any) -> None:
        told.append(arguments)

    with signals.token_rejected.connected_to(hear, app):
        yield told


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the lines of the logger ``flask_tapauth`` at INFO."""
    caplog.set_level(logging.INFO, "flask_tapauth")
    return lambda: [
        record.getMessage()
        for record in caplog.records
        if (record.name, record.levelno) == ("flask_tapauth", logging.INFO)
    ]


@pytest.mark.parametrize("reason", SPOILT)
def test_a_spoilt_token_is_refused_with_its_reason(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    run: Run,
    told: list[dict[str, Any]],
    lines: Callable[[], list[str]],
    reason: str,
) -> None:
    """A 401 left no word anywhere of why; the caller still gets none."""
    tapauth.clients.create("Reports", client_id="reports")
    token = tapauth.tokens.issue("reports")["access_token"]
    SPOILT[reason](tapauth, db)

    answer = http.get("/whoami", headers=bearer(token))
    explained = run("tokens", "explain", token, "--json")

    assert answer.status_code == 401
    assert "disabled" not in answer.text
    [signal] = told
    assert (signal["error"], signal["reason"]) == ("invalid_token", reason)
    [line] = lines()
    assert line.startswith(f"Refused token: {reason}; client ")
    assert line.endswith("; GET /whoami")
    assert (reason == "unknown") == ("client unknown" in line)
    assert token not in line
    assert explained.exit_code == 1
    explanation = json.loads(explained.stdout)
    assert (explanation["active"], explanation["reason"]) == (False, reason)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({}, "missing"),
        ({"headers": bearer("nonsense")}, "malformed"),
        ({"headers": bearer("a.b.c")}, "malformed"),
        ({"headers": bearer("x"), "query_string": {"access_token": "y"}}, "several"),
        ({"headers": bearer("x"), "base_url": "http://api.example"}, "insecure"),
    ],
)
def test_a_request_without_one_good_token_is_refused_with_its_reason(
    http: FlaskClient,
    told: list[dict[str, Any]],
    lines: Callable[[], list[str]],
    sent: dict[str, Any],
    reason: str,
) -> None:
    """What arrives here shows what a proxy or a client did to the request."""
    http.get("/whoami", **sent)

    assert [signal["reason"] for signal in told] == [reason]
    assert lines() == [f"Refused token: {reason}; client unknown; GET /whoami"]


def test_a_missing_scope_is_a_reason(
    http: FlaskClient,
    tapauth: TapAuth,
    told: list[dict[str, Any]],
    lines: Callable[[], list[str]],
) -> None:
    """RFC 6750 §3.1: the token is good, and the signal has it."""
    tapauth.clients.create("Reports", client_id="reports")
    token = tapauth.tokens.issue("reports")["access_token"]

    http.get("/orders", headers=bearer(token))

    assert [(signal["reason"], signal["client_id"]) for signal in told] == [
        ("scope", "reports")
    ]
    assert lines() == ["Refused token: scope; client reports; GET /orders"]


def test_a_path_cannot_steer_a_terminal(
    http: FlaskClient, app: Flask, lines: Callable[[], list[str]]
) -> None:
    """A control character in a URL would clear the screen that shows the log."""
    app.add_url_rule("/any/<path:_>", view_func=app.view_functions["whoami"])

    http.get("/any/%1b[2J")

    [line] = lines()
    assert line.isprintable()


@pytest.mark.parametrize("token", ["", " "])
def test_an_empty_token_cannot_be_explained(run: Run, token: str) -> None:
    """A variable that was not set, in a script."""
    result = run("tokens", "explain", token)

    assert result.exit_code == 2
    assert "the token is empty" in result.stderr


def test_a_good_token_is_explained_step_by_step(
    run: Run, tapauth: TapAuth, app: Flask
) -> None:
    """People read the steps; the exit code is for scripts."""
    tapauth.clients.create("Reports", client_id="reports", scopes="a b")
    token = tapauth.tokens.issue("reports", user_id=7)["access_token"]

    result = run("tokens", "explain", token)

    assert result.exit_code == 0
    assert "no  " not in result.stdout
    assert "reports" in result.stdout
    assert tapauth.tokens.explain(token).scope == "a b"


def test_the_step_that_fails_is_the_last_and_says_what_to_do(
    run: Run, tapauth: TapAuth, app: Flask
) -> None:
    """`clients enable` is the cure for a disabled client."""
    tapauth.clients.create("Reports", client_id="reports")
    token = tapauth.tokens.issue("reports")["access_token"]
    tapauth.clients.disable("reports")

    result = run("tokens", "explain", token)

    [failed] = [line for line in result.stdout.splitlines() if line.startswith("no  ")]
    assert "clients enable" in failed


def test_two_reasons_are_told_in_the_same_order(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    token: str,
    lines: Callable[[], list[str]],
) -> None:
    """The log said expired, and `explain` audience."""
    SPOILT["audience"](tapauth, db)
    SPOILT["expired"](tapauth, db)

    http.get("/whoami", headers=bearer(token))

    assert "Refused token: expired;" in lines()[0]
    assert tapauth.tokens.explain(token).reason == "expired"
