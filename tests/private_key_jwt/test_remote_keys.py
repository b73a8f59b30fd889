"""Key sets are fetched over https, and little time and memory is spent on it."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from flask_tapauth import _remote_keys
from flask_tapauth._remote_keys import FetchError, fetch

from .conftest import MakeKeyServer, key_set, signer
from .key_server import KeyServer, http_answer, make_certificates

BODY = json.dumps(key_set(signer())).encode()


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_a_key_set_is_fetched_over_tls(
    key_server: KeyServer, reachable: None, version: bytes
) -> None:
    """RFC 7517 §5, at the URI with its query, of a server that is who it says."""
    key_server.answer = http_answer(BODY).replace(b"HTTP/1.1", version)

    assert fetch(key_server.uri) == BODY
    [request] = key_server.requests
    assert request.startswith(b"GET /keys.json?v=1 HTTP/1.1\r\n")


def test_a_key_set_may_come_in_chunks(key_server: KeyServer, reachable: None) -> None:
    """RFC 9112 §7.1: a server that does not know its length."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    key_server.answer = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

    assert fetch(key_server.uri) == BODY


@pytest.mark.parametrize(
    "status",
    ["301 Moved", "302 Found", "303 See", "307 T", "308 P", "204 No", "404 N", "500 E"],
)
def test_no_status_but_200_is_followed_or_read(
    key_server: KeyServer, reachable: None, status: str
) -> None:
    """The contract: no redirects; whoever is redirected to was not looked at."""
    location = f"Location: {key_server.uri}"
    key_server.answer = http_answer(BODY, status, location)

    with pytest.raises(FetchError, match=status[:3]):
        fetch(key_server.uri)

    assert key_server.connections == 1


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize(("size", "is_taken"), [(65536, True), (65537, False)])
def test_64_kib_are_the_limit(
    key_server: KeyServer, reachable: None, size: int, is_taken: bool, has_length: bool
) -> None:
    """The contract: size-limited, whatever length was announced."""
    body = BODY.ljust(size)
    plain = b"HTTP/1.1 200 OK\r\n\r\n" + body
    key_server.answer = http_answer(body) if has_length else plain

    if is_taken:
        assert fetch(key_server.uri) == body
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
def test_a_server_that_drips_is_given_up(
    key_server: KeyServer,
    reachable: None,
    monkeypatch: pytest.MonkeyPatch,
    head: bytes,
    drop: bytes,
    tail: bytes,
) -> None:
    """The contract: time-limited as a whole, though each byte comes soon enough."""
    monkeypatch.setattr(_remote_keys, "MAX_SECONDS", 0.3)
    key_server.answer = key_server.drip(head, DROPS, drop, tail)

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_server_that_never_shakes_hands_is_given_up(
    reachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: time-limited from the first connection on."""
    monkeypatch.setattr(_remote_keys, "MAX_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Ends a test that would hang.
        end = threading.Timer(3, silent.close)
        end.start()
        with pytest.raises(FetchError, match="longer"):
            fetch(f"https://127.0.0.1:{silent.getsockname()[1]}/")
        end.cancel()
        end.join()


def test_a_name_that_is_found_late_leaves_no_time_to_drip(
    key_server: KeyServer, reachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: the limit counts from the first look-up to the last byte."""
    monkeypatch.setattr(_remote_keys, "MAX_SECONDS", 0.3)
    look_up = socket.getaddrinfo

    def look_up_late(host: Any, *arguments: Any, **options: Any) -> Any:
        time.sleep(0.4)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_late)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (5 + len(BODY))
    key_server.answer = key_server.drip(head, 5, b" ", BODY)

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_server_that_says_nothing_is_given_up(
    key_server: KeyServer, reachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: time-limited."""
    monkeypatch.setattr(_remote_keys, "MAX_SECONDS", 0.2)
    key_server.answer = key_server.drip(b"", 8, b"", b"")

    with pytest.raises(FetchError):
        fetch(key_server.uri)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 70_000]
)
def test_what_is_no_http_is_refused(
    key_server: KeyServer, reachable: None, answer: bytes
) -> None:
    """The contract: whatever a client's server does, it is an error to us, no crash."""
    key_server.answer = answer

    with pytest.raises(FetchError):
        fetch(key_server.uri)


def test_a_certificate_for_another_host_is_refused(
    make_key_server: MakeKeyServer, reachable: None, tmp_path: Path
) -> None:
    """RFC 9110 §4.3.4: the server must be the one that the URI names."""
    server = make_key_server(*make_certificates(tmp_path, "127.0.0.2"))
    server.answer = http_answer(BODY)

    with pytest.raises(FetchError, match="certificate"):
        fetch(server.uri)

    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(
    key_server: KeyServer, reachable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110 §4.3.4: whom nobody vouches for is nobody."""
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(FetchError, match="certificate"):
        fetch(key_server.uri)

    assert key_server.requests == []


def test_no_thread_stays_behind(key_server: KeyServer, reachable: None) -> None:
    """The contract: a fetch that is over watches nothing any more."""
    key_server.answer = http_answer(BODY)

    fetch(key_server.uri)

    timers = [t for t in threading.enumerate() if isinstance(t, threading.Timer)]
    assert all(timer.finished.is_set() for timer in timers)
