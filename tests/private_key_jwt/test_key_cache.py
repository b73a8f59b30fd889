"""A fetched key set is kept for a while, and fetched no oftener than need be."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from flask_tapauth import _remote_keys
from flask_tapauth._remote_keys import RemoteKeys

from .conftest import (
    key_set,
    signer,
)
from .key_server import KeyServer, http_answer, published

DOWN = http_answer(b"", "503 Service Unavailable")


@dataclass
class Clock:
    now: float = 10_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    time = SimpleNamespace(monotonic=clock.monotonic)
    monkeypatch.setattr(_remote_keys, "time", time)
    return clock


@pytest.fixture
def remote(key_server: KeyServer, reachable: None, clock: Clock) -> RemoteKeys:
    """Knows the key k1 of the server, fetched just now."""
    key_server.answer = published(key_set(signer()))
    remote = RemoteKeys()
    assert remote.get(key_server.uri, "k1") is not None
    return remote


@pytest.mark.parametrize(("later", "fetches"), [(299, 1), (300, 2)])
def test_a_key_set_is_used_as_it_is_for_five_minutes(
    remote: RemoteKeys, key_server: KeyServer, clock: Clock, later: int, fetches: int
) -> None:
    """The contract: fresh for 300 s, and fetched again after them."""
    clock.now += later

    assert remote.get(key_server.uri, "k1") is not None
    assert key_server.connections == fetches


def test_an_unknown_key_is_looked_for_every_half_minute(
    remote: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """The contract: whoever makes up names of keys does not have us ask for each."""
    for name in ("k2", "k3", "k4"):
        clock.now += 9
        remote.get(key_server.uri, name)
    assert key_server.connections == 1

    for name in ("k5", "k6", "k7"):
        clock.now += 9
        remote.get(key_server.uri, name)

    assert key_server.connections == 2


def test_a_new_key_is_known_when_it_is_published(
    remote: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """RFC 7517 §4.5: the kid is what tells of a rollover."""
    key_server.answer = published(key_set(signer(), signer("ES384", "k2")))
    clock.now += 31

    keys = remote.get(key_server.uri, "k2")

    assert keys is not None
    assert keys.knows("k2")


def test_a_key_that_is_published_no_more_is_forgotten(
    remote: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """RFC 7517 §4.5: a client takes a key back by not publishing it."""
    key_server.answer = published(key_set(signer("ES384", "k2")))
    clock.now += 300

    keys = remote.get(key_server.uri, "k1")

    assert keys is not None
    assert not keys.knows("k1")


@pytest.mark.parametrize(("later", "is_known"), [(3599, True), (3600, False)])
def test_old_keys_serve_for_an_hour_while_the_server_is_down(
    remote: RemoteKeys, key_server: KeyServer, clock: Clock, later: int, is_known: bool
) -> None:
    """The contract: an outage of an hour at the most."""
    key_server.answer = DOWN
    clock.now += later

    assert (remote.get(key_server.uri, "k1") is not None) == is_known
    assert key_server.connections == 2


def test_a_server_that_is_down_is_asked_every_half_minute(
    key_server: KeyServer, reachable: None, clock: Clock
) -> None:
    """The contract: at most every 30 s, known key or not."""
    key_server.answer, remote = DOWN, RemoteKeys()

    for _ in range(7):
        assert remote.get(key_server.uri, "k1") is None
        clock.now += 10

    assert key_server.connections == 3


def test_a_server_that_is_up_again_is_used_again(
    key_server: KeyServer, reachable: None, clock: Clock
) -> None:
    """The contract: an outage ends by itself."""
    key_server.answer, remote = DOWN, RemoteKeys()
    remote.get(key_server.uri, "k1")
    key_server.answer = published(key_set(signer()))
    clock.now += 30

    assert remote.get(key_server.uri, "k1") is not None


def test_many_who_want_a_key_set_at_once_fetch_it_once(
    key_server: KeyServer, reachable: None
) -> None:
    """The contract: one request to the client's server, however many come to ours."""
    key_server.answer, remote = published(key_set(signer())), RemoteKeys()
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(remote.get(key_server.uri, "k1")))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert None not in found
    assert key_server.connections == 1
