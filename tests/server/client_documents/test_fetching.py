"""A document is fetched with care: any caller may name any URL."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from flask_tapauth._base import fetch as _fetch
from flask_tapauth._clients import documents as _documents
from flask_tapauth._clients.documents import MAX_BYTES, MAX_ENTRIES, Documents
from flask_tapauth.errors import ClientDocumentError

from ..authorization_code.flow import Flow
from ..implicit.browser import error_page
from ..private_key_jwt.key_server import KeyServer, http_answer
from .conftest import JSON, Publish, document


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the cache of documents, which a test sets."""
    now = [10_000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(_documents, "time", clock)
    return now


@pytest.fixture
def documents(flow: Flow) -> Documents:
    documents = flow.app.extensions["tapauth"].document_clients._documents
    assert isinstance(documents, Documents)
    return documents


# What is not read.


@pytest.mark.parametrize(
    "status",
    ["301 M", "302 F", "303 S", "307 T", "308 P", "201 C", "204 N", "404 N", "500 E"],
)
def test_no_redirect_is_followed_and_no_status_but_200_is_read(
    flow: Flow, publish: Publish, server: KeyServer, url: str, status: str
) -> None:
    """Draft §4: a redirect could lead to a private host."""
    body = json.dumps(document(url)).encode()
    server.answer = http_answer(body, status, JSON, f"Location: {url}")

    error_page(flow.ask())

    assert server.connections == 1


@pytest.mark.parametrize(("size", "is_read"), [(MAX_BYTES, True), (5121, False)])
@pytest.mark.parametrize("has_length", [True, False])
def test_no_more_than_5_kilobytes_are_read(
    flow: Flow,
    publish: Publish,
    server: KeyServer,
    url: str,
    size: int,
    is_read: bool,
    has_length: bool,
) -> None:
    """Draft §6.6: whatever length was announced."""
    body = json.dumps(document(url)).encode().ljust(size)
    plain = f"HTTP/1.1 200 OK\r\n{JSON}\r\n\r\n".encode() + body
    server.answer = http_answer(body, "200 OK", JSON) if has_length else plain

    assert flow.ask().status_code == (200 if is_read else 400)


def test_a_slow_server_is_given_up(
    flow: Flow, publish: Publish, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One deadline for all of it, though each byte comes in time."""
    monkeypatch.setattr(_fetch, "MAX_SECONDS", 0.3)
    head = f"HTTP/1.1 200 OK\r\n{JSON}\r\n\r\n".encode()
    server.answer = server.drip(head, 30, b" ", b"{}")

    began = time.monotonic()
    error_page(flow.ask())

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"]
)
def test_a_private_host_is_not_connected_to(
    flow: Flow, server: KeyServer, host: str
) -> None:
    """Draft §6.5: special-use addresses, however they are written."""
    url = f"https://{host}:{server.port}/client.json"

    error_page(flow.ask(client_id=url))

    assert server.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["203.0.114.1", "127.0.0.1"], ["169.254.169.254"], ["::1"]],
)
def test_a_name_with_a_private_address_is_not_connected_to(
    flow: Flow,
    server: KeyServer,
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[str],
) -> None:
    """Draft §6.5: the owner of a name chooses its addresses."""
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        found = addresses if host == "keys.example" else [host]
        return [i for each in found for i in real(each, port, *more, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    error_page(flow.ask(client_id=f"https://keys.example:{server.port}/c"))

    assert server.connections == 0


def test_a_name_is_looked_up_once(
    flow: Flow,
    server: KeyServer,
    loopback_is_public: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: a second look-up could return a private address."""
    real, names = socket.getaddrinfo, []
    url = f"https://keys.example:{server.port}/c"
    server.answer = http_answer(json.dumps(document(url)).encode(), "200 OK", JSON)

    def look_up(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        names.append(host)
        host = "127.0.0.1" if host == "keys.example" else host
        return real(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    assert flow.ask(client_id=url).status_code == 200
    assert names.count("keys.example") == 1


def test_the_page_does_not_tell_hosts_apart_that_the_caller_cannot_reach(
    flow: Flow, server: KeyServer
) -> None:
    """Otherwise a caller could map our network by it."""
    pages = {
        flow.ask(client_id=f"https://{host}/c").text
        for host in ("10.0.0.1", f"127.0.0.1:{server.port}", "nowhere.invalid")
    }

    assert len(pages) == 1


def test_a_failure_is_in_the_log_in_one_line(
    flow: Flow, server: KeyServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator reads why, and the caller forges no line."""
    with caplog.at_level(logging.WARNING):
        flow.ask()

    [record] = [r for r in caplog.records if "client document" in r.getMessage()]
    assert record.getMessage() == (
        f"The client document at {url}: its host is not public"
    )


# What is cached.


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 300),
        (["Cache-Control: max-age=3600"], 3600),
        (["Cache-Control: public, max-age=3600", "Age: 600"], 3000),
        (["Cache-Control: max-age=3600", "Age: nonsense"], 3600),
        (["Cache-Control: public", "Cache-Control: max-age=3600"], 3600),
        (["Cache-Control: max-age=1"], 300),
        (["Cache-Control: max-age=-1"], 300),
        (["Cache-Control: max-age=nonsense"], 300),
        (["Cache-Control: no-store, max-age=3600"], 300),
        (["Cache-Control: no-cache"], 300),
        (["Cache-Control: max-age=99999999999"], 86400),
        (
            [
                "Date: Thu, 26 Nov 2026 10:00:00 GMT",
                "Expires: Thu, 26 Nov 2026 11:00:00 GMT",
            ],
            3600,
        ),
        (["Expires: 0"], 300),
        (["Date: nonsense", "Expires: Thu, 26 Nov 2026 11:00:00 GMT"], 300),
        (["Expires: Thu, 26 Nov 99999999999999999999 11:00:00 GMT"], 300),
        (["Date: Thu, 26 Nov 2026 11:00:00 +99999999999999999999"], 300),
    ],
    ids=lambda value: " / ".join(value) if isinstance(value, list) else str(value),
)
def test_a_document_is_cached_as_long_as_its_headers_say(
    flow: Flow,
    publish: Publish,
    server: KeyServer,
    now: list[float],
    headers: list[str],
    seconds: int,
) -> None:
    """Draft §4.4, RFC 9111 §4.2: from five minutes to a day."""
    publish(JSON, *headers)
    flow.ask()

    now[0] += seconds - 1
    flow.ask()
    assert server.connections == 1

    now[0] += 1
    flow.ask()
    assert server.connections == 2


def test_an_error_is_not_cached(
    flow: Flow, publish: Publish, server: KeyServer, now: list[float]
) -> None:
    """Draft §4.4: neither an error nor an invalid document; it is tried again soon."""
    server.answer = http_answer(b"", "500 E")
    error_page(flow.ask())
    publish(client_name=...)
    now[0] += 10
    error_page(flow.ask())
    publish()
    now[0] += 20

    assert flow.ask().status_code == 200
    assert server.connections == 3


def test_a_document_that_became_invalid_is_not_used_any_more(
    flow: Flow, publish: Publish, now: list[float]
) -> None:
    """Draft §4.3: the request is aborted; the client may have been withdrawn."""
    flow.get_code()
    publish(client_secret="x")
    now[0] += 300

    error_page(flow.ask())


# How often is fetched.


def test_a_url_that_fails_is_left_alone_longer_and_longer(
    flow: Flow, publish: Publish, server: KeyServer, now: list[float]
) -> None:
    """Nobody can make us ask a server again and again."""
    server.answer = http_answer(b"", "404 N")
    asked = []

    for _ in range(700):
        before = server.connections
        error_page(flow.ask())
        if server.connections > before:
            asked.append(now[0] - 10_000)
        now[0] += 1

    assert asked == [0, 10, 30, 70, 150, 310, 630]


def test_a_host_that_is_out_of_reach_is_left_alone(
    flow: Flow, server: KeyServer, loopback_is_public: None, now: list[float]
) -> None:
    """A caller could wait at each path of a dead host for five seconds."""
    server.answer = b"nonsense"

    for number in range(5):
        error_page(flow.ask(client_id=f"https://127.0.0.1:{server.port}/{number}"))

    assert server.connections == 1


def test_a_missing_document_does_not_block_the_others_of_its_host(
    flow: Flow, publish: Publish, server: KeyServer, url: str
) -> None:
    """Many clients may publish at one host; a caller could block them all."""
    answer, server.answer = server.answer, http_answer(b"", "404 N")
    error_page(flow.ask(client_id=f"{url}.missing"))
    server.answer = answer

    assert flow.ask().status_code == 200


def test_a_success_ends_the_pause(
    flow: Flow, publish: Publish, server: KeyServer, now: list[float]
) -> None:
    """The next failure is the first one again."""
    server.answer = http_answer(b"", "404 N")
    for pause in (10, 20):
        error_page(flow.ask())
        now[0] += pause
    publish()
    assert flow.ask().status_code == 200
    server.answer = http_answer(b"", "404 N")
    now[0] += 300
    error_page(flow.ask())
    publish()
    now[0] += 10

    assert flow.ask().status_code == 200


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], threading.Event]:
    """Have each fetch wait for an event; return the URLs that are being fetched."""
    begun: list[str] = []
    go_on = threading.Event()

    def wait(url: str, **options: Any) -> Any:
        begun.append(url)
        go_on.wait(10)
        raise _fetch.FetchError("over", is_of_host=False)

    monkeypatch.setattr(_documents, "fetch", wait)
    return begun, go_on


def outcomes(documents: Documents, urls: list[str], released: Callable[[], Any]) -> int:
    """Get all documents at once; return how many were refused without a fetch."""

    def get(url: str) -> str:
        with pytest.raises(ClientDocumentError) as caught:
            documents.get(url)
        return str(caught.value.description)

    with ThreadPoolExecutor(len(urls)) as pool:
        running = [pool.submit(get, url) for url in urls]
        deadline = time.monotonic() + 10
        while sum(f.done() for f in running) < len(urls) - _documents.MAX_FETCHES:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        released()
        return sum("now" in future.result() for future in running)


def test_few_documents_are_fetched_at_a_time(
    documents: Documents, held: tuple[list[str], threading.Event]
) -> None:
    """Slow servers must not keep all threads of ours busy."""
    begun, go_on = held
    urls = [f"https://{number}.example/c" for number in range(20)]

    refused = outcomes(documents, urls, go_on.set)

    assert (len(begun), refused) == (_documents.MAX_FETCHES, 16)


def test_a_host_is_asked_by_one_at_a_time(
    documents: Documents, held: tuple[list[str], threading.Event]
) -> None:
    """We must not be used to flood a host, whatever port and path is named."""
    begun, go_on = held
    urls = [f"https://one.example:{1000 + number}/c" for number in range(20)]
    threading.Timer(0.5, go_on.set).start()

    refused = outcomes(documents, urls, lambda: None)

    assert (len(begun), refused) == (1, 19)


def test_what_is_remembered_has_a_limit(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers name as many URLs as they like."""

    def fail(url: str, **options: Any) -> Any:
        raise _fetch.FetchError("no")

    monkeypatch.setattr(_documents, "fetch", fail)
    monkeypatch.setattr(_documents.log, "disabled", True)
    for number in range(MAX_ENTRIES):
        with pytest.raises(ClientDocumentError):
            documents.get(f"https://{number}.example/c")

    assert len(documents._failures) == MAX_ENTRIES
    assert not documents._busy_hosts
