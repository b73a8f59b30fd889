"""A look-up that began before a revocation does not fill the cache after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..two_apps import CHANGES, Change, Grants, revoke_clients, status, warm
from .conftest import BOUND, is_refused

REVOCATIONS = 100
READERS = 3


def during_a_look_up(
    host: Flask, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]
) -> None:
    """Call a function after a row is read, and before it is cached."""
    tokens = host.extensions["tapauth"].store.tokens
    look_up = tokens._look_up

    def look_up_before(digest: bytes) -> Any:
        row = look_up(digest)
        monkeypatch.undo()
        happens()
        return row

    monkeypatch.setattr(tokens, "_look_up", look_up_before)


@pytest.mark.parametrize("change", CHANGES)
def test_a_look_up_from_before_a_revocation_is_not_cached(
    host: Flask, only: Grants, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the old row, and would cache it after the message."""
    taken: list[str] = []
    during_a_look_up(host, monkeypatch, lambda: taken.append(change(only)))

    status(host, getattr(only, CHANGES[change]))

    [token] = taken
    assert [status(host, token) for _ in range(3)] == [401] * 3


def test_a_look_up_during_which_another_thread_got_the_message_is_not_cached(
    host: Flask, other: Flask, grants: Grants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message arrives once, before the row is cached."""
    for _ in range(2):
        assert status(other, grants.personal) == 200

    def revoke_and_hear() -> None:
        revoke_clients(grants)
        assert is_refused(other, grants.personal)

    during_a_look_up(other, monkeypatch, revoke_and_hear)

    status(other, grants.token)

    assert [status(other, grants.token) for _ in range(3)] == [401] * 3


def test_no_revoked_token_is_accepted_after_two_seconds(
    host: Flask, other: Flask, grants: Grants, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Readers of two processes race against revocations."""
    with host.app_context():
        tokens = [
            tapauth.tokens.issue(grants.client)["access_token"]
            for _ in range(REVOCATIONS)
        ]
        db.session.remove()
    warm(other, grants)
    revoked_at: dict[str, float] = {}
    late: list[float] = []
    is_over = threading.Event()

    def read(host: Flask) -> None:
        index = 0
        while not is_over.is_set():
            token = tokens[index % len(revoked_at or tokens)]
            index += 1
            asked_at = time.monotonic()
            since = revoked_at.get(token, asked_at)
            if status(host, token) == 200 and asked_at > since + BOUND:
                late.append(asked_at - since)

    readers = [
        threading.Thread(target=read, args=(each,)) for each in (host, other) * READERS
    ]
    for reader in readers:
        reader.start()
    for token in tokens:
        with host.app_context():
            host.extensions["tapauth"].tokens.revoke(token)
        revoked_at[token] = time.monotonic()
    time.sleep(BOUND + 0.5)
    is_over.set()
    for reader in readers:
        reader.join()

    assert late == []
    assert {status(each, token) for each in (host, other) for token in tokens} == {401}
