"""Fetch what a client publishes at a URL of its choice: a key set, or its metadata.

The client could choose a URL inside our network, or a slow server. A fetch therefore
connects to public addresses only, and has limits of time and size.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from email.message import Message
from typing import Final
from urllib.parse import urlsplit

from .addresses import LookUpError, is_public, look_up

MAX_BYTES: Final = 64 * 1024
"""The most bytes of a key set."""

KEY_SET: Final = "application/jwk-set+json, application/json"
"""The media types of a key set, for the header ``Accept``."""

MAX_SECONDS: Final = 5.0
"""Seconds that a fetch may take, from the look-up of the name to the last byte."""

_TOO_LONG: Final = f"it took longer than {MAX_SECONDS} seconds"
_MAX_ADDRESSES: Final = 4  # of a host that are tried


class FetchError(Exception):
    """Nothing can be fetched; the message gives the reason, for a log.

    :param is_of_host: whether the host is out of reach, or too slow, and other URLs on
        it would be no better.
    """

    def __init__(self, reason: str, *, is_of_host: bool = True) -> None:
        super().__init__(reason)
        self.is_of_host = is_of_host


def fetch(
    uri: str, *, accept: str = KEY_SET, max_bytes: int = MAX_BYTES
) -> tuple[bytes, Message]:
    """Return body and headers at an https URI, without following redirects."""
    parts = urlsplit(uri)
    if parts.scheme != "https" or not parts.hostname:
        raise FetchError("it is not at an https URI")
    connection = _PublicConnection(
        parts.hostname,
        parts.port or 443,
        timeout=MAX_SECONDS,
        context=ssl.create_default_context(),
    )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The socket's timeout is for each read; a server that sends a byte now and then
    # would never reach it.
    watch = threading.Timer(MAX_SECONDS, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("GET", target, headers={"Accept": accept})
        response = connection.getresponse()
        if response.status != 200:
            raise FetchError(f"the answer was {response.status}", is_of_host=False)
        body = response.read(max_bytes + 1)
        connection.check_time()
    except LookUpError as error:
        raise FetchError(str(error)) from None
    except TimeoutError:
        raise FetchError(_TOO_LONG) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.check_time()
        raise FetchError(f"{type(error).__name__}: {error}") from None
    finally:
        watch.cancel()
        connection.close()
    if len(body) > max_bytes:
        raise FetchError(f"it is longer than {max_bytes} bytes", is_of_host=False)
    return body, response.headers


class _PublicConnection(http.client.HTTPSConnection):
    """Connects to the address that was found to be public: a second look-up of the name
    might return another address."""

    _context: ssl.SSLContext
    # A second reference: http.client sets `sock` to None during some answers.
    _socket: socket.socket | None = None
    _is_cut = False

    def connect(self) -> None:
        ends_at = time.monotonic() + MAX_SECONDS
        addresses = look_up(self.host, self.port, MAX_SECONDS)
        if not all(map(is_public, addresses)):
            raise FetchError("its host is not public")
        raw = self._connect_to_one(addresses[:_MAX_ADDRESSES], ends_at)
        self.sock = self._socket = self._context.wrap_socket(
            raw, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.check_time()
        self.sock.do_handshake()
        self.check_time()

    def _connect_to_one(self, addresses: list[str], ends_at: float) -> socket.socket:
        fault: OSError | None = None
        for tried, address in enumerate(addresses):
            # An address that does not answer leaves time for the others.
            left = (ends_at - time.monotonic()) / (len(addresses) - tried)
            if left <= 0:
                break
            try:
                raw = socket.create_connection((address, self.port), left)
            except OSError as error:
                fault = error
            else:
                raw.settimeout(MAX_SECONDS)
                return raw
        self.check_time()
        raise fault or FetchError(_TOO_LONG)

    def cut(self) -> None:
        """End the connection while another thread waits for its data."""
        self._is_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # The TLS socket's own shutdown would break the read in that thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def check_time(self) -> None:
        """:raises FetchError: the connection was cut, and the data is incomplete."""
        if self._is_cut:
            raise FetchError(_TOO_LONG)
