"""Speak HTTP over a socket, byte by byte: a library would not send what is wrong."""

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
    """Word a request; a character up to U+00FF stands for that byte."""
    lines = [f"{line} HTTP/1.1", f"Host: {HOST}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def exchange(port: int, sent: bytes, *, hang_up: bool = False) -> Answer:
    """Send bytes until the server answers, and return its answer.

    :param hang_up: say that nothing more will come, however much was declared.
    :raises TimeoutError: it waits for more than it was sent.
    """
    with socket.create_connection((HOST, port), timeout=_SECONDS) as connection:
        # Whoever refuses a request early closes the connection on the rest of it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            _send(connection, memoryview(sent))
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.closing(HTTPResponse(connection)) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


def _send(connection: socket.socket, unsent: memoryview) -> None:
    while unsent:
        answered, ready, _ = select.select([connection], [connection], [], _SECONDS)
        if answered:
            return
        if not ready:
            raise TimeoutError("the server takes no more and does not answer")
        unsent = unsent[connection.send(unsent[:_PIECE]) :]
