"""Signals and log lines contain no token, no `jti` and no secret.

Nothing. Not a token, not the `jti` of one, not what a client proves itself by.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import blinker
import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import TapAuth, signals

from ..conftest import MakeApp
from .busy_day import SIGNED, Day


@dataclass(frozen=True)
class Person:
    id: str


@pytest.fixture(params=[{}, SIGNED], ids=["opaque", "jwt"])
def app(request: pytest.FixtureRequest, make_app: MakeApp, tapauth: TapAuth) -> Flask:
    tapauth.current_user_loader(lambda: Person("ann"))
    tapauth.user_loader(Person)
    tapauth.claims_loader(lambda client, user, scopes: {"tenant": "t1"})
    return make_app(
        SECRET_KEY="signs consents", TAPAUTH_ISSUER="http://localhost", **request.param
    )


@pytest.fixture
def told(app: Flask) -> Iterator[dict[str, str]]:
    """What the receivers of all signals could log, by the name of the signal."""
    told: dict[str, str] = {}
    named = {k: v for k, v in vars(signals).items() if isinstance(v, blinker.Signal)}
    with ExitStack() as stack:
        for name, signal in named.items():

            def hear(sender: object, *, name: str = name, **arguments: object) -> None:
                told[name] = told.get(name, "") + f"{arguments!r} {arguments}"

            stack.enter_context(signal.connected_to(hear))
        yield told


@pytest.fixture
def day(app: Flask, http: FlaskClient, tapauth: TapAuth) -> Day:
    return Day(app, http, tapauth)


def test_neither_signals_nor_the_log_contain_a_secret(
    day: Day, told: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A reader of the log must not find anything to use."""
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "sqlalchemy"):
        caplog.set_level(logging.DEBUG, logger=name)

    day.renew_and_revoke()
    day.sign_in_by_key()
    day.allow_a_page()
    day.exchange_a_code()
    day.open_views()
    day.run_commands()

    loggers = {record.name.partition(".")[0] for record in caplog.records}
    assert {"authlib", "flask_tapauth", "sqlalchemy"} <= loggers
    assert len(told) == 9  # the day was busy enough
    assert len(day.secrets) > 20
    for secret in day.secrets:
        for text in (caplog.text, *told.values()):
            assert secret not in text
            assert secret[6:-8] not in text


@pytest.fixture
def misplaced(day: Day) -> str:
    """A token that a program sends as its client id by mistake."""
    return str(day.tapauth.tokens.issue(day.register("reports"))["access_token"])


def test_a_token_sent_as_client_id_is_not_signalled(
    misplaced: str,
    http: FlaskClient,
    told: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Signals have the `client_id` of the request, which may be a secret by mistake."""
    caplog.set_level(logging.DEBUG)
    sent = {"client_id": misplaced, "client_secret": "x", "token": "x"}

    answer = http.post("/oauth/introspect", data=sent)

    assert answer.status_code == 401
    assert misplaced not in told["client_authentication_failed"]
    assert misplaced not in caplog.text + answer.text
