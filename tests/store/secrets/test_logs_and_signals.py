"""Logs and signals contain no secret and no token."""

from __future__ import annotations

import base64
import logging
from contextlib import ExitStack
from typing import Any

import blinker
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, signals

from ...conftest import bearer
from .conftest import CHOSEN, ask, get_token

WRONG = "incorrect horse battery staple"


def be_busy(host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient) -> Any:
    """Use secrets and tokens in all ways, right and wrong; return all of them."""
    with host.app_context():
        made = tapauth.clients.create("Made", client_id="made").client_secret
        tapauth.clients.create("Chosen", client_id="old", client_secret=CHOSEN)
        rotated = tapauth.clients.rotate_secret("made", grace=60).client_secret
        tokens = [tapauth.tokens.issue("old", user_id="7")["access_token"]]
    for client_id, secret in (("made", made), ("made", rotated), ("old", CHOSEN)):
        tokens.append(get_token(http, client_id, secret))

    pair = base64.b64encode(f"old:{CHOSEN}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    answer = http.post(
        "/oauth/token", json={"grant_type": "client_credentials"}, headers=basic
    )
    tokens.append(answer.get_json()["access_token"])
    assert ask(http, "made", WRONG).status_code == 401
    assert ask(http, "old", WRONG).status_code == 401
    assert ask(http, "nobody", made).status_code == 401
    assert ask(http, "made", made, scope="all").status_code == 400
    for token in tokens:
        assert http.get("/whoami", headers=bearer(token)).status_code == 200
        assert http.get("/orders", headers={"Access-Token": token}).status_code == 403
        assert http.get(f"/whoami?access_token={token[:-1]}x").status_code == 401
        twice = http.post("/whoami", data={"access_token": [token, token]})
        assert twice.status_code == 400
    with host.app_context():
        for change in (tapauth.clients.disable, tapauth.clients.enable):
            change("old")
        tapauth.clients.update("old", name="Older")
        tapauth.clients.delete(tapauth.clients.create("Short-lived"))
        tapauth.users.forget("8")
        tapauth.tokens.revoke_all(client="made")
    assert http.get("/whoami", headers=bearer(tokens[1])).status_code == 401
    with host.app_context():
        db.drop_all()
    assert ask(http, "made", made).status_code == 503
    assert http.get("/whoami", headers=bearer(tokens[0])).status_code == 503
    return [made, rotated, CHOSEN, WRONG, pair, *tokens]


def test_the_debug_log_has_no_secret_or_token(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Logs are read by many, and kept for long."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="authlib")
    caplog.set_level(logging.DEBUG, logger="flask_tapauth")

    clear = be_busy(host, tapauth, db, http)

    assert "The database cannot be used" in caplog.text
    assert "authlib" in {record.name.partition(".")[0] for record in caplog.records}
    for value in clear:
        assert value not in caplog.text
        assert value[6:-8] not in caplog.text


def shown(value: object) -> str:
    """Return all that a receiver could log of an argument."""
    inside = getattr(value, "__dict__", None) or {
        slot: getattr(value, slot) for slot in getattr(value, "__slots__", ())
    }
    return f"{value} {value!r} {inside!r}"


def test_no_signal_carries_a_secret_or_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """A receiver may log all that it gets."""
    seen: dict[str, str] = {}
    named = {k: v for k, v in vars(signals).items() if isinstance(v, blinker.Signal)}

    with ExitStack() as stack:
        for name, signal in named.items():

            def see(sender: object, *, name: str = name, **arguments: object) -> None:
                text = " ".join(map(shown, arguments.values()))
                seen[name] = seen.get(name, "") + text

            stack.enter_context(signal.connected_to(see))
        clear = be_busy(host, tapauth, db, http)

    # These three carry no more than those that were sent, and need pages or a command.
    rare = {"consent_given", "consent_revoked", "secret_expiring"}
    assert seen.keys() == named.keys() - rare
    for value in clear:
        for text in seen.values():
            assert value not in text
            assert value[6:-8] not in text


def test_the_repr_of_an_object_shows_no_secret_and_no_token(
    host: Flask, tapauth: TapAuth
) -> None:
    """Logs and error pages show the `repr` of variables."""
    seen: list[Any] = []
    with host.app_context():
        registered = tapauth.clients.create("Reports")
        with signals.token_issued.connected_to(lambda _, **sent: seen.append(sent)):
            response = tapauth.tokens.issue(registered)
        [sent] = seen
        shown_all = [registered, registered.client, response, sent["token"]]
        for thing in shown_all:
            for text in (str(thing), repr(thing), f"{thing}", f"{[thing]}"):
                assert registered.client_id in text or thing is response
                assert str(registered.client_secret) not in text
                assert response["access_token"] not in text
