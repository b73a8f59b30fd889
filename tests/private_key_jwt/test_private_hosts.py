"""No host of a private network is connected to, whatever a client calls it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from flask_tapauth import _remote_keys
from flask_tapauth._remote_keys import FetchError, fetch

from .conftest import key_set, signer
from .key_server import KeyServer, http_answer

BODY = json.dumps(key_set(signer())).encode()
LookUp = Callable[[list[str]], list[str]]


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", ""])
def test_other_schemes_than_https_are_refused_unseen(
    key_server: KeyServer, reachable: None, scheme: str
) -> None:
    """The contract: only over https, even where the registration slipped through."""
    with pytest.raises(FetchError, match="https"):
        fetch(key_server.uri.replace("https", scheme))

    assert key_server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_a_private_host_is_not_even_connected_to(
    key_server: KeyServer, host: str
) -> None:
    """The contract: never from private addresses, however they are written."""
    with pytest.raises(FetchError, match="not public"):
        fetch(key_server.uri.replace("127.0.0.1", host))

    assert key_server.connections == 0


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> LookUp:
    """Have keys.example found at these addresses; returns the names looked up."""
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
    """The contract: never from private addresses, whatever else DNS answers."""
    monkeypatch.setattr(_remote_keys, "MAX_SECONDS", 0.3)
    public = "203.0.114.1"
    names = look_up([private, public] if is_first else [public, private])

    with pytest.raises(FetchError, match="not public"):
        fetch(key_server.uri.replace("127.0.0.1", "keys.example"))

    assert names == ["keys.example"]
    assert key_server.connections == 0


def test_a_name_is_looked_up_once(
    key_server: KeyServer, look_up: LookUp, reachable: None
) -> None:
    """The contract: a second look-up could answer with a private address."""
    names = look_up(["127.0.0.1"])
    key_server.answer = http_answer(BODY)

    fetch(key_server.uri.replace("127.0.0.1", "keys.example"))

    assert names.count("keys.example") == 1
