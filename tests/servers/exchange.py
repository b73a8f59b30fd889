"""Speak HTTP over a socket, because no library sends malformed requests."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from typing import Any

from ..ports import HOST

FORM = "Content-Type: application/x-www-form-urlencoded"

_SECONDS = 10
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """Return the bytes of a request. A character up to U+00FF becomes that byte."""
    lines = [f"{line} HTTP/1.1", f"Host: {HOST}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def form_request(line: str, body: bytes, *headers: str) -> bytes:
    """Return the bytes of a request with a form as its body."""
    length = f"Content-Length: {len(body)}"
    return request(line, FORM, length, *headers, body=body)


def exchange(port: int, sent: bytes, *, hang_up: bool = False) -> Answer:
    """Send bytes until the server answers, and return its answer.

    :param hang_up: end the sending side then, even if the body is not complete.
    :raises TimeoutError: the server waits for more bytes.
    """
    with socket.create_connection((HOST, port), timeout=_SECONDS) as connection:
        # A server that refuses a request early closes the connection.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            _send(connection, memoryview(sent))
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        method = sent.partition(b" ")[0].decode()  # the answer to a HEAD has no body
        with contextlib.closing(HTTPResponse(connection, method=method)) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


def _send(connection: socket.socket, unsent: memoryview) -> None:
    while unsent:
        answered, ready, _ = select.select([connection], [connection], [], _SECONDS)
        if answered:
            return
        if not ready:
            raise TimeoutError("the server neither reads on nor answers")
        unsent = unsent[connection.send(unsent[:_PIECE]) :]
