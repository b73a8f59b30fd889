"""While a key host is down, its client's keys stay usable for an hour."""

from __future__ import annotations

import pytest

from flask_tapauth._clients.remote_keys import RemoteKeys

from .conftest import Clock
from .key_server import KeyServer, http_answer, published
from .signers import key_set, signer

DOWN = http_answer(b"", "503 Service Unavailable")


@pytest.mark.parametrize(("later", "is_known"), [(3599, True), (3600, False)])
def test_fetched_keys_stay_usable_for_an_hour(
    remote_keys: RemoteKeys,
    key_server: KeyServer,
    clock: Clock,
    later: int,
    is_known: bool,
) -> None:
    """A short outage of a client's server must not shut the client out."""
    key_server.answer = DOWN
    clock.now += later

    assert (remote_keys.get(key_server.uri, "k1") is not None) == is_known
    assert key_server.connections == 2


def test_a_key_host_that_is_down_is_asked_every_30_seconds(
    key_server: KeyServer, loopback_is_public: None, clock: Clock
) -> None:
    """Each fetch that fails costs a request up to five seconds."""
    key_server.answer, remote_keys = DOWN, RemoteKeys()

    for _ in range(7):
        assert remote_keys.get(key_server.uri, "k1") is None
        clock.now += 10

    assert key_server.connections == 3


def test_a_key_host_is_used_again_after_an_outage(
    key_server: KeyServer, loopback_is_public: None, clock: Clock
) -> None:
    """A client must get tokens again without a restart of the app."""
    key_server.answer, remote_keys = DOWN, RemoteKeys()
    remote_keys.get(key_server.uri, "k1")
    key_server.answer = published(key_set(signer()))
    clock.now += 30

    assert remote_keys.get(key_server.uri, "k1") is not None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff{}"])
def test_an_answer_that_is_not_json_is_an_outage(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock, body: bytes
) -> None:
    """A proxy's maintenance page must not shut the client out, whatever its status."""
    key_server.answer = http_answer(body)
    clock.now += 301

    assert remote_keys.get(key_server.uri, "k1") is not None
