"""The checks of the registered clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import TapAuth, signals

from .conftest import examine

DAY = 86400


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


@pytest.fixture
def told(app: Flask) -> list[str]:
    """The ids of the clients that the signal was sent for."""
    ids: list[str] = []

    def receive(sender: Flask, client: Any) -> None:
        assert sender is app
        ids.append(client.client_id)

    signals.secret_expiring.connect(receive, app, weak=False)
    return ids


def test_expiring_secrets_are_named_and_signalled(
    app: Flask, tapauth: TapAuth, told: list[str]
) -> None:
    """Cron runs the doctor, and a receiver of secret_expiring writes to the owners."""
    for name, days in [("soon", 13.9), ("later", 14.1), ("shut", 3)]:
        tapauth.clients.create(name, client_id=name, secret_expires_at=in_days(days))
    tapauth.clients.create("never", client_id="never")
    tapauth.clients.disable("shut")

    found = examine(app)["expiring_secrets"]

    assert found.level == "warning"
    assert "within 14 days: soon. Give them" in found.message
    assert told == ["soon"]


def test_a_receiver_that_fails_is_a_finding(app: Flask, tapauth: TapAuth) -> None:
    """The mail server is away: the other findings were lost with a traceback."""
    tapauth.clients.create("soon", client_id="soon", secret_expires_at=in_days(3))

    def fail(_: object, **__: object) -> None:
        raise ConnectionError("smtp.example is away")

    with signals.secret_expiring.connected_to(fail, app):
        found = examine(app)["expiring_secrets"]

    assert found.level == "error"
    assert "failed for the client soon: ConnectionError" in found.message
    assert "expire within 14 days: soon" in found.message


def test_many_clients_are_cut_in_the_message_and_all_signalled(
    app: Flask, tapauth: TapAuth, told: list[str]
) -> None:
    """A finding stays a sentence."""
    for number in range(12):
        tapauth.clients.create(
            "Many", client_id=f"many-{number}", secret_expires_at=in_days(1)
        )

    message = examine(app)["expiring_secrets"].message

    assert "many-9 and others. " in message
    assert "many-10" not in message
    assert len(told) == 12


def test_secrets_that_do_not_expire_are_ok(
    app: Flask, tapauth: TapAuth, told: list[str]
) -> None:
    """No signal without a reason."""
    tapauth.clients.create("never", client_id="never")

    assert examine(app)["expiring_secrets"].level == "ok"
    assert told == []


def test_unused_clients_are_named(
    app: Flask, tapauth: TapAuth, wait: Callable[[int], None]
) -> None:
    """A client that nobody uses is a secret that nobody watches."""
    for name in ("unused", "shut", "used"):
        tapauth.clients.create(name, client_id=name)
    tapauth.clients.disable("shut")
    wait(91 * DAY)
    tapauth.tokens.issue("used")
    tapauth.clients.create("new", client_id="new")

    found = examine(app)["unused_clients"]

    assert found.level == "warning"
    assert "for 90 days: unused. Disable" in found.message


def test_used_clients_are_ok(app: Flask, tapauth: TapAuth) -> None:
    """A client that was registered a moment ago is not unused."""
    tapauth.clients.create("new", client_id="new")

    assert examine(app)["unused_clients"].level == "ok"
