"""Count how often an app waits for PostgreSQL: by a proxy that reads the protocol."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from .bench import Bench
from .servers import gunicorn
from .targets import Data, Target

_REQUESTS: Final = 20


def count_exchanges(bench: Bench, target: Target, data: Data) -> float:
    """Return how many exchanges with PostgreSQL a request costs, once it is warm."""
    url, seeded = bench.fill(data)
    where = sa.make_url(url)
    proxy = _CountingProxy(where.host or "127.0.0.1", where.port or 5432)
    # In the clear, for the proxy reads it.
    through = where.set(host="127.0.0.1", port=proxy.port).update_query_dict(
        {"sslmode": "disable", "gssencmode": "disable"}
    )
    settings = {
        **target.settings,
        "BENCH_DATABASE_URL": through.render_as_string(hide_password=False),
    }
    [request] = target.requests(seeded)
    log = bench.directory / "exchanges.log"
    with gunicorn(target.app, settings, log) as port:
        for _ in range(_REQUESTS):
            _send(port, request)
        before = proxy.count
        for _ in range(_REQUESTS):
            _send(port, request)
        return (proxy.count - before) / _REQUESTS


def _send(port: int, request: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"not what was expected: {answer!r}")


class _CountingProxy:
    """Stands between an app and PostgreSQL for as long as the process lives."""

    def __init__(self, host: str, port: int) -> None:
        self.count = 0
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        _start(self._accept)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._server)
            _start(self._pass_questions, client, server)
            _start(self._pass_answers, client, server)

    def _pass_questions(self, client: socket.socket, server: socket.socket) -> None:
        # Each message is a type and its length; the first has no type.
        with client.makefile("rb") as stream, server:
            kind, length = b"", stream.read(4)
            while length:
                if kind in (b"Q", b"S"):  # Query, Sync: an answer is waited for
                    self.count += 1
                rest = stream.read(int.from_bytes(length, "big") - 4)
                server.sendall(kind + length + rest)
                kind, length = stream.read(1), stream.read(4)

    @staticmethod
    def _pass_answers(client: socket.socket, server: socket.socket) -> None:
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            pass  # one of them is gone, as at the end


def _start(work: Callable[..., None], *args: object) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()
