"""A fetched key set is kept for five minutes, and fetched no more often than needed."""

from __future__ import annotations

import pytest

from flask_tapauth._clients import remote_keys as _remote_keys
from flask_tapauth._clients.remote_keys import RemoteKeys

from .conftest import Clock
from .key_server import KeyServer, published
from .signers import key_set, signer


@pytest.mark.parametrize(("later", "fetches"), [(299, 1), (300, 2)])
def test_a_key_set_is_fetched_again_after_five_minutes(
    remote_keys: RemoteKeys,
    key_server: KeyServer,
    clock: Clock,
    later: int,
    fetches: int,
) -> None:
    """Without the cache every token request would wait for the client's server."""
    clock.now += later

    assert remote_keys.get(key_server.uri, "k1") is not None
    assert key_server.connections == fetches


def test_an_unknown_key_causes_a_fetch_at_most_every_30_seconds(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """A caller that invents key names must not make the server fetch for each."""
    for name in ("k2", "k3", "k4"):
        clock.now += 9
        remote_keys.get(key_server.uri, name)
    assert key_server.connections == 1

    for name in ("k5", "k6", "k7"):
        clock.now += 9
        remote_keys.get(key_server.uri, name)

    assert key_server.connections == 2


def test_a_new_key_is_found_once_it_is_published(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """RFC 7517 §4.5: during a rollover the kid tells the new key from the old."""
    key_server.answer = published(key_set(signer(), signer("ES384", "k2")))
    clock.now += 31

    keys = remote_keys.get(key_server.uri, "k2")

    assert keys is not None
    assert keys.knows("k2")


def test_the_cache_has_a_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that changes its address leaves an entry of its old address behind."""
    monkeypatch.setattr(_remote_keys, "MAX_SETS", 3)
    remote_keys = RemoteKeys()

    for number in range(9):
        remote_keys.get(f"http://keys.example/{number}", "k1")

    assert len(remote_keys._entries) == 3
