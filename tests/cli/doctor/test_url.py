"""``--url``: what the doctor learns from the running server."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server

from flask_tapauth import require_token

from ...conftest import MakeApp, Run
from ...ports import HOST, free_port
from ...server.private_key_jwt.key_server import make_certificates
from .. import refused
from .conftest import GOOD, examine

Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an app from a thread, and return the port."""
    with contextlib.ExitStack() as stack:

        def serve(app: Any, certificate: Path | None = None) -> int:
            context = None
            if certificate is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
            server = make_server(HOST, 0, app, threaded=True, ssl_context=context)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server.server_port

        yield serve


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate of a server whose authority this process trusts."""
    authority, server = make_certificates(tmp_path, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return server


def behind_tls(app: Flask, **headers: str) -> Callable[..., Any]:
    """What the app hears of a proxy that ends TLS: plain HTTP, and some headers."""

    def proxied(environ: dict[str, Any], start_response: Any) -> Any:
        environ |= {"wsgi.url_scheme": "http", **headers}
        return app(environ, start_response)

    return proxied


@pytest.fixture
def host(make_app: MakeApp) -> Flask:
    return make_app(**GOOD)


@pytest.mark.parametrize(
    ("is_fixed", "level", "says"),
    [(False, "error", "ProxyFix"), (True, "ok", "came over HTTPS")],
)
def test_a_missing_proxy_fix_is_found(
    host: Flask, serve: Serve, certificate: Path, is_fixed: bool, level: str, says: str
) -> None:
    """how-to/running/deployment: the app learns of HTTPS by X-Forwarded-Proto."""
    if is_fixed:
        host.wsgi_app = ProxyFix(host.wsgi_app)  # type: ignore[method-assign]
    headers = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_HOST": "orders.example"}
    port = serve(behind_tls(host, **headers), certificate)

    found = examine(host, "--url", f"https://{HOST}:{port}")["https"]

    assert (found.level, says in found.message) == (level, True), found


@pytest.mark.parametrize(
    ("seen_host", "level", "says"),
    [
        ("127.0.0.1", "error", "accepts tokens over plain HTTP"),
        ("orders.example", "ok", "are refused"),
    ],
)
def test_a_server_that_takes_tokens_over_plain_http_is_found(
    host: Flask,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    seen_host: str,
    level: str,
    says: str,
) -> None:
    """how-to/running/deployment: nginx names itself to the app unless told not to."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(  # the servers of tests listen on loopback only
        socket, "getaddrinfo", lambda name, *args, **kw: look_up(HOST, *args, **kw)
    )
    port = serve(behind_tls(host, HTTP_HOST=seen_host))

    found = examine(host, "--url", f"http://orders.example:{port}")["https"]

    assert (found.level, says in found.message) == (level, True), found


def test_an_answer_in_front_of_the_guard_is_not_taken_for_it(
    host: Flask, serve: Serve
) -> None:
    """A login page or a firewall answers; no redirect is followed."""
    asked: list[str] = []

    def sign_in(environ: Any, start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return redirect("/sign-in")(environ, start_response)

    found = examine(host, "--url", f"http://{HOST}:{serve(sign_in)}/mounted/")

    assert asked == ["/mounted/orders"] * 3
    assert found["token_locations"].level == "warning"
    assert "orders answered 302" in found["token_locations"].message
    assert found["https"].level == "ok"


def test_a_server_that_is_gone_is_an_error(host: Flask) -> None:
    """A deployment that does not answer must not pass."""
    report = examine(host, "--url", f"http://{HOST}:{free_port()}")

    assert report["token_locations"].level == "error"
    assert "ConnectionRefusedError" in report["token_locations"].message
    assert report.exit_code == 1


@pytest.mark.parametrize("is_dripping", [False, True])
def test_a_server_that_does_not_come_to_an_end_is_given_up(
    host: Flask, monkeypatch: pytest.MonkeyPatch, is_dripping: bool
) -> None:
    """The doctor has an end: a socket's time-out starts again with each byte."""
    monkeypatch.setattr("flask_tapauth._cli.doctor.asking._SECONDS", 0.3)
    is_over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not is_over.wait(0.05):
                connection.sendall(b"x" if is_dripping else b"")

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        started = time.monotonic()
        port = listener.getsockname()[1]
        found = examine(host, "--url", f"http://{HOST}:{port}")["token_locations"]
        seconds = time.monotonic() - started
        is_over.set()
        thread.join()

    assert found.level == "error"
    assert "TimeoutError" in found.message
    assert seconds < 3


def test_a_certificate_that_nobody_trusts_is_an_error(
    host: Flask, serve: Serve, tmp_path: Path
) -> None:
    """Callers would refuse it too."""
    _, certificate = make_certificates(tmp_path, HOST)

    report = examine(host, "--url", f"https://{HOST}:{serve(host, certificate)}")

    assert report["token_locations"].level == "error"
    assert "CERTIFICATE_VERIFY_FAILED" in report["token_locations"].message


def test_only_headers_that_the_view_takes_are_asked(
    make_app: MakeApp, serve: Serve
) -> None:
    """What is no place for a token need not arrive."""
    app = make_app(**GOOD, TAPAUTH_TOKEN_LOCATIONS=["bearer", "body"])

    found = examine(app, "--url", f"http://{HOST}:{serve(app)}")["token_locations"]

    assert found.level == "ok"
    assert "These headers arrive: Authorization." in found.message


def test_an_app_without_a_view_to_ask_is_a_warning(host: Flask) -> None:
    """Nothing is sent to views with parameters or WebSockets, and nothing but GET."""
    for name in ("whoami", "orders"):
        host.view_functions[name] = lambda: "open"
    host.add_url_rule("/a/<b>", "a", require_token(lambda b: b))
    host.add_url_rule("/c", "c", require_token(lambda: ""), methods=["POST"])
    in_url = require_token(locations=["query"])
    host.add_url_rule("/d", "d", in_url(lambda: ""))
    host.add_url_rule("/e", "e", require_token(lambda: ""), websocket=True)

    found = examine(host, "--url", f"http://{HOST}:{free_port()}")["token_locations"]

    assert found.level == "warning"
    assert "was not asked" in found.message


@pytest.mark.parametrize(
    "url",
    [
        "orders.example",
        "ftp://orders.example",
        "https://",
        "https://orders.example:port",
        "https://orders.example/?a=b",
        "https://orders.example/#a",
        "https://orders.example/ a",
        "https://orders.example/\r\nHost: b",
        "https://user:hunter2@orders.example",
        "https://[::1",
    ],
)
def test_a_wrong_url_is_wrong_input(run: Run, url: str) -> None:
    """Exit code 2, and the password of a URL is not repeated."""
    line = refused(run("doctor", "--url", url), 2)

    assert line.startswith("Error: --url: ")
    assert "hunter2" not in line
