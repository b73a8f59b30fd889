"""Key sets are fetched over https, with limits of time and size."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from flask_tapauth._base import fetch as _fetch
from flask_tapauth._base.fetch import FetchError, fetch

from .conftest import MakeKeyServer
from .key_server import KeyServer, http_answer, make_certificates
from .signers import key_set, signer

BODY = json.dumps(key_set(signer())).encode()


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_a_key_set_is_fetched_over_tls(
    key_server: KeyServer, loopback_is_public: None, version: bytes
) -> None:
    """RFC 7591 §2 (jwks_uri): the path and the query are requested as registered."""
    key_server.answer = http_answer(BODY).replace(b"HTTP/1.1", version)

    assert fetch(key_server.uri)[0] == BODY
    [request] = key_server.requests
    assert request.startswith(b"GET /keys.json?v=1 HTTP/1.1\r\n")


def test_a_key_set_may_come_in_chunks(
    key_server: KeyServer, loopback_is_public: None
) -> None:
    """RFC 9112 §7.1: the server does not know the length beforehand."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    key_server.answer = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

    assert fetch(key_server.uri)[0] == BODY


@pytest.mark.parametrize(
    "status",
    ["301 Moved", "302 Found", "303 See", "307 T", "308 P", "204 No", "404 N", "500 E"],
)
def test_no_redirect_is_followed_and_no_status_but_200_is_read(
    key_server: KeyServer, loopback_is_public: None, status: str
) -> None:
    """A redirect could lead to a private host, past the check of addresses."""
    location = f"Location: {key_server.uri}"
    key_server.answer = http_answer(BODY, status, location)

    with pytest.raises(FetchError, match=status[:3]):
        fetch(key_server.uri)

    assert key_server.connections == 1


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize(("size", "is_taken"), [(65536, True), (65537, False)])
def test_an_answer_of_more_than_64_kib_is_refused(
    key_server: KeyServer,
    loopback_is_public: None,
    size: int,
    is_taken: bool,
    has_length: bool,
) -> None:
    """An endless answer would fill the memory, whatever length was announced."""
    body = BODY.ljust(size)
    plain = b"HTTP/1.1 200 OK\r\n\r\n" + body
    key_server.answer = http_answer(body) if has_length else plain

    if is_taken:
        assert fetch(key_server.uri)[0] == body
    else:
        with pytest.raises(FetchError, match="65536"):
            fetch(key_server.uri)


DROPS = 8
OK = b"HTTP/1.1 200 OK\r\n"
CHUNK = b"\r\n%s\r\n0\r\n\r\n" % BODY


@pytest.mark.parametrize(
    ("head", "drop", "tail"),
    [
        pytest.param(
            OK + b"Content-Length: %d\r\n\r\n" % (DROPS + len(BODY)),
            *(b" ", BODY),
        ),
        pytest.param(OK + b"\r\n", b" ", BODY),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n", b" ", BODY),
        pytest.param(OK + b"Connection: close\r\n\r\n", b" ", BODY),
        pytest.param(OK + b"X: ", b"x", b"\r\n\r\n" + BODY),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n%x;" % len(BODY), b"x", CHUNK),
    ],
    ids=["length", "until closed", "1.0", "close", "in the head", "in a chunk"],
)
def test_a_server_that_sends_byte_by_byte_is_given_up(
    key_server: KeyServer,
    loopback_is_public: None,
    monkeypatch: pytest.MonkeyPatch,
    head: bytes,
    drop: bytes,
    tail: bytes,
) -> None:
    """A worker was blocked although no single byte took longer than the limit."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.3)
    key_server.answer = key_server.drip(head, DROPS, drop, tail)

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_server_without_a_tls_handshake_is_given_up(
    loopback_is_public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker must not be blocked by a server that accepts and stays silent."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Without the timer a broken limit would make this test hang.
        end = threading.Timer(3, silent.close)
        end.start()
        with pytest.raises(FetchError, match="longer"):
            fetch(f"https://127.0.0.1:{silent.getsockname()[1]}/")
        end.cancel()
        end.join()


def test_a_slow_look_up_counts_towards_the_time_limit(
    key_server: KeyServer, loopback_is_public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """how-to/clients/private-key-jwt.md: five seconds, and the look-up counts."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.3)
    look_up = socket.getaddrinfo

    def look_up_late(host: Any, *arguments: Any, **options: Any) -> Any:
        time.sleep(0.4)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_late)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (5 + len(BODY))
    key_server.answer = key_server.drip(head, 5, b" ", BODY)

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_server_that_sends_nothing_is_given_up(
    key_server: KeyServer, loopback_is_public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker must not be blocked by a server that reads and stays silent."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.2)
    key_server.answer = key_server.drip(b"", 8, b"", b"")

    with pytest.raises(FetchError):
        fetch(key_server.uri)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 70_000]
)
def test_an_answer_that_is_not_http_is_refused(
    key_server: KeyServer, loopback_is_public: None, answer: bytes
) -> None:
    """A client's broken server must not cause a status of 500 at ours."""
    key_server.answer = answer

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_certificate_for_another_host_is_refused(
    make_key_server: MakeKeyServer, loopback_is_public: None, tmp_path: Path
) -> None:
    """RFC 9110 §4.3.4: the server must be the one that the URI names."""
    server = make_key_server(*make_certificates(tmp_path, "127.0.0.2"))
    server.answer = http_answer(BODY)

    with pytest.raises(FetchError, match="certificate"):
        fetch(server.uri)

    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(
    key_server: KeyServer, loopback_is_public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110 §4.3.4: the certificate must come from a trusted authority."""
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(FetchError, match="certificate"):
        fetch(key_server.uri)

    assert key_server.requests == []


def test_no_timer_of_a_fetch_runs_on(
    key_server: KeyServer, loopback_is_public: None
) -> None:
    """Otherwise each fetch would leave a thread behind."""
    key_server.answer = http_answer(BODY)

    before = {*threading.enumerate()}  # other libraries have timers

    fetch(key_server.uri)

    started = {*threading.enumerate()} - before
    timers = [thread for thread in started if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)
