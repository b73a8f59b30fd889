"""Revocations while Redis is out of reach, and after it is back."""

from __future__ import annotations

import socket

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, TemporarilyUnavailableError, signals

from ...conftest import MakeApp
from ...ports import HOST
from ..two_apps import (
    CHANGES,
    Change,
    Grants,
    disable,
    reuse,
    revoke_by_hand,
    revoke_clients,
    status,
    warm,
)
from .conftest import (
    Kind,
    is_refused,
)


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_tokens_are_looked_up_if_redis_was_never_there(
    kind: Kind, make_app: MakeApp, tapauth: TapAuth, db: SQLAlchemy, change: Change
) -> None:
    """A revocation that cannot be published must not be reported as done."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        url = f"redis://{HOST}:{closed.getsockname()[1]}/0"
        host = make_app(
            SQLALCHEMY_DATABASE_URI=kind.database, TAPAUTH_CACHE=url, TESTING=False
        )
        grants = Grants(host, tapauth, db)
        warm(host, grants)
        token = getattr(grants, CHANGES[change])

        with pytest.raises((AssertionError, TemporarilyUnavailableError)):
            change(grants)

        assert [status(host, token) for _ in range(2)] == [401] * 2


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
def test_a_revocation_that_cannot_be_published_is_a_503_and_can_be_repeated(
    host: Flask, theirs: Grants, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 7009 §2.2.1: the client must assume that the token still exists."""
    warm(host, theirs)
    kind.wire.cut()

    answer = theirs.post("revoke", token=theirs.token)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "cannot be told to forget" in caplog.text
    assert status(host, theirs.token) == 200  # until its time-out
    kind.wire.mend()
    assert theirs.post("revoke", token=theirs.token).status_code == 200
    assert is_refused(host, theirs.token)


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
def test_a_connection_that_redis_closed_meanwhile_is_replaced(
    host: Flask, theirs: Grants, kind: Kind
) -> None:
    """Redis may restart, or close a connection that was idle."""
    disable(theirs)
    theirs.administer(lambda state: state.clients.enable(theirs.client))
    warm(host, theirs)

    kind.wire.cut()
    kind.wire.mend()

    assert theirs.post("revoke", token=theirs.token).status_code == 200
    assert is_refused(host, theirs.token)


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
def test_a_client_can_be_disabled_again_if_the_message_was_lost(
    host: Flask, theirs: Grants, kind: Kind
) -> None:
    """It is the only way to publish the message again."""
    warm(host, theirs)
    kind.wire.cut()
    with pytest.raises(TemporarilyUnavailableError):
        disable(theirs)
    kind.wire.mend()

    disable(theirs)

    assert is_refused(host, theirs.token)


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
@pytest.mark.parametrize("revoke", [revoke_by_hand, revoke_clients, reuse])
def test_the_signal_is_sent_though_redis_cannot_be_told(
    other: Flask, theirs: Grants, kind: Kind, revoke: Change
) -> None:
    """The revocation is committed: an alert on reuse would never come."""
    sent: list[int] = []

    def receive(_: Flask, count: int, **__: object) -> None:
        sent.append(count)

    kind.wire.cut()

    with (
        signals.token_revoked.connected_to(receive, other),
        pytest.raises((AssertionError, TemporarilyUnavailableError)),
    ):
        revoke(theirs)

    assert len(sent) == 1
