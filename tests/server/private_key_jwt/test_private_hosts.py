"""The server connects to no private host, however a client writes its address."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from flask_tapauth._base import fetch as _fetch
from flask_tapauth._base.fetch import FetchError, fetch

from .key_server import KeyServer, http_answer
from .signers import key_set, signer

BODY = json.dumps(key_set(signer())).encode()
LookUp = Callable[[list[str]], list[str]]


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", ""])
def test_a_scheme_other_than_https_is_refused_before_a_connection(
    key_server: KeyServer, loopback_is_public: None, scheme: str
) -> None:
    """Over http somebody on the network path could replace the keys."""
    with pytest.raises(FetchError, match="https"):
        fetch(key_server.uri.replace("https", scheme))

    assert key_server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_a_private_host_is_not_even_connected_to(
    key_server: KeyServer, host: str
) -> None:
    """A client must not reach the server's own network, however it writes a host."""
    with pytest.raises(FetchError, match="not public"):
        fetch(key_server.uri.replace("127.0.0.1", host))

    assert key_server.connections == 0


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> LookUp:
    """Set the addresses of keys.example, and return the list of look-ups to come."""
    real = socket.getaddrinfo

    def answer_with(addresses: list[str]) -> list[str]:
        names: list[str] = []

        def answer(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            names.append(host)
            found = addresses if host == "keys.example" else [host]
            results = (real(each, port, *arguments, **options) for each in found)
            return [info for infos in results for info in infos]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return names

    return answer_with


@pytest.mark.parametrize("private", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_name_with_one_private_address_is_refused(
    key_server: KeyServer,
    look_up: LookUp,
    monkeypatch: pytest.MonkeyPatch,
    private: str,
    is_first: bool,
) -> None:
    """A client must not reach the server's own network with an address of its DNS."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.3)
    public = "203.0.114.1"
    names = look_up([private, public] if is_first else [public, private])

    with pytest.raises(FetchError, match="not public"):
        fetch(key_server.uri.replace("127.0.0.1", "keys.example"))

    assert names == ["keys.example"]
    assert key_server.connections == 0


def test_a_name_is_looked_up_once(
    key_server: KeyServer, look_up: LookUp, loopback_is_public: None
) -> None:
    """DNS rebinding: a second look-up could return a private address."""
    names = look_up(["127.0.0.1"])
    key_server.answer = http_answer(BODY)

    fetch(key_server.uri.replace("127.0.0.1", "keys.example"))

    assert names.count("keys.example") == 1
