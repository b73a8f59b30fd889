"""A key that its client no longer publishes is refused from the next fetch on."""

from __future__ import annotations

from typing import Any

import pytest

from flask_tapauth._clients.remote_keys import RemoteKeys

from .conftest import Clock
from .key_server import KeyServer, published
from .signers import key_set, signer

SHARED = {"kty": "oct", "k": "c2VjcmV0"}


def test_a_key_that_is_no_longer_published_is_forgotten(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock
) -> None:
    """RFC 7517 §4.5: a client replaces a key by publishing another one."""
    key_server.answer = published(key_set(signer("ES384", "k2")))
    clock.now += 300

    keys = remote_keys.get(key_server.uri, "k1")

    assert keys is not None
    assert not keys.knows("k1")


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{"kty": "future"}],
        [{**signer().public, "use": "enc"}],
        [SHARED],
        [signer().private],
        [signer().public, signer().public],
    ],
    ids=["none", "unknown", "encryption", "shared", "private", "same name"],
)
def test_a_set_without_usable_keys_ends_the_old_keys(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock, keys: list[Any]
) -> None:
    """A client withdrew its leaked keys, and the thief got tokens for another hour."""
    key_server.answer = published({"keys": keys})
    clock.now += 301

    assert remote_keys.get(key_server.uri, "k1") is None


@pytest.mark.parametrize("value", [{}, {"keys": None}, {"keys": {}}, [], {"kty": "EC"}])
def test_json_that_is_not_a_key_set_ends_the_old_keys(
    remote_keys: RemoteKeys, key_server: KeyServer, clock: Clock, value: Any
) -> None:
    """A client published `{}` for its leaked keys, and the thief got tokens."""
    key_server.answer = published(value)
    clock.now += 301

    assert remote_keys.get(key_server.uri, "k1") is None
