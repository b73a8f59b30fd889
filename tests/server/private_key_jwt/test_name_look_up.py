"""The look-up of a key host's name counts towards the time limit of the fetch."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from flask_tapauth._base import addresses as _addresses
from flask_tapauth._base import fetch as _fetch
from flask_tapauth._base.fetch import FetchError, fetch
from flask_tapauth._clients.remote_keys import RemoteKeys

from .key_server import KeyServer, http_answer


@pytest.fixture
def hanging_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Make every look-up of a name hang until the test ends."""
    end = threading.Event()

    def hang(*arguments: Any, **options: Any) -> Any:
        end.wait(20)
        raise socket.gaierror("nothing")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.2)
    yield end
    end.set()
    for thread in threading.enumerate():
        if thread.name == "tapauth-look-up":
            thread.join(10)


def test_a_hanging_resolver_does_not_block_a_worker(
    hanging_resolver: threading.Event,
) -> None:
    """A name that no DNS server answered blocked a worker for half a minute."""
    began = time.monotonic()

    with pytest.raises(FetchError, match="longer"):
        fetch("https://keys.example/")

    assert time.monotonic() - began < 5


def test_the_number_of_hanging_look_ups_is_limited(
    hanging_resolver: threading.Event,
) -> None:
    """Each look-up that hangs keeps a thread."""
    for _ in range(_addresses.MAX_LOOK_UPS):
        with pytest.raises(FetchError, match="longer"):
            fetch("https://keys.example/")

    with pytest.raises(FetchError, match="too many"):
        fetch("https://keys.example/")


def test_after_a_dead_address_the_next_is_tried(
    key_server: KeyServer, loopback_is_public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dead address of several must not shut the client out."""
    look_up = _addresses.look_up
    monkeypatch.setattr(_fetch, "look_up", lambda *args: ["127.0.0.9", *look_up(*args)])
    key_server.answer = http_answer(b"{}")

    assert fetch(key_server.uri)[0] == b"{}"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 2\x1b[2J\rFAKE\n\r\n",
        b"\x1b]0;x\x07\x9b" + b"a" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: \x1b[2J\r\n\r\n",
    ],
)
def test_a_key_host_writes_no_control_characters_into_the_log(
    key_server: KeyServer,
    loopback_is_public: None,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
) -> None:
    """A status line with control characters cleared the operator's screen."""
    key_server.answer = answer

    with caplog.at_level(logging.WARNING, "flask_tapauth"):
        RemoteKeys().get(key_server.uri, "k1")

    [record] = caplog.records
    assert record.getMessage().isprintable()
    assert record.getMessage().isascii()
    assert len(record.getMessage()) < 800
