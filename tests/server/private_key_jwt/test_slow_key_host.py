"""A key host that answers slowly delays one request at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flask_tapauth._clients.remote_keys import RemoteKeys

from .conftest import Clock
from .key_server import KeyServer, published
from .signers import key_set, signer


class SlowAnswer:
    """Publishes a key, but waits before it does until the test lets it answer."""

    def __init__(self) -> None:
        self.has_request = threading.Event()
        self.may_answer = threading.Event()

    def __call__(self, connection: Any) -> None:
        self.has_request.set()
        self.may_answer.wait(4)
        connection.sendall(published(key_set(signer())))


@pytest.fixture
def slow_answer() -> Iterator[SlowAnswer]:
    answer = SlowAnswer()
    yield answer
    answer.may_answer.set()


def test_nobody_waits_while_another_request_fetches(
    key_server: KeyServer,
    loopback_is_public: None,
    clock: Clock,
    slow_answer: SlowAnswer,
) -> None:
    """Workers queued behind one slow key host until none was left."""
    key_server.answer, remote_keys = slow_answer, RemoteKeys()
    found: list[Any] = []
    first = threading.Thread(
        target=lambda: found.append(remote_keys.get(key_server.uri, 1))
    )
    first.start()
    assert slow_answer.has_request.wait(4)

    clock.now += 31  # another fetch would be due
    others = [remote_keys.get(key_server.uri, "k1") for _ in range(8)]
    assert first.is_alive()
    slow_answer.may_answer.set()
    first.join()

    assert others == [None] * 8
    assert None not in found
    assert key_server.connections == 1


def test_old_keys_stay_usable_while_another_request_fetches(
    remote_keys: RemoteKeys,
    key_server: KeyServer,
    clock: Clock,
    slow_answer: SlowAnswer,
) -> None:
    """A client with a known key must not wait for the fetch of another request."""
    key_server.answer = slow_answer
    clock.now += 301
    first = threading.Thread(target=remote_keys.get, args=[key_server.uri, "k1"])
    first.start()
    assert slow_answer.has_request.wait(4)

    assert remote_keys.get(key_server.uri, "k1") is not None
    assert first.is_alive()
    slow_answer.may_answer.set()
    first.join()
