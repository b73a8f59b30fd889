"""Fetch the keys that a client publishes, from where it says, and trust that little.

An address that a client chose is a request that somebody else has us make: it goes to
public addresses alone, and takes little time and memory.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import logging
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ._keys import CLIENT_ALGORITHMS, KeySet, read_key_set

log = logging.getLogger(__name__)

MAX_BYTES: Final = 64 * 1024
"""Bytes of a key set; a longer one is refused."""

MAX_SECONDS: Final = 5.0
"""Seconds that a fetch may take, from its first connection to its last byte."""

FRESH_SECONDS: Final = 300
"""Seconds for which a key set is used as it was fetched."""

STALE_SECONDS: Final = 3600
"""Seconds for which it is used while it cannot be fetched again."""

_PAUSE_SECONDS: Final = 30  # between two fetches, whoever names what unknown key
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_DOCUMENTATION: Final = ipaddress.ip_network("3fff::/20")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class FetchError(Exception):
    """A key set cannot be had; the message says why, for a log."""


@dataclass(slots=True)
class _Entry:
    keys: KeySet | None = None
    fetched_at: float = 0.0
    tried_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class RemoteKeys:
    """The key sets that one app has fetched. Losing them costs a fetch, no more."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def get(self, uri: str, kid: object) -> KeySet | None:
        """Return the keys at a URI, fetched again where `kid` is not among them.

        :returns: None where they cannot be had.
        """
        entry = self._entries.setdefault(uri, _Entry())
        with entry.lock:
            now = time.monotonic()
            is_fresh = entry.keys is not None and now < entry.fetched_at + FRESH_SECONDS
            if is_fresh and entry.keys is not None and entry.keys.knows(kid):
                return entry.keys
            if not entry.tried_at or now >= entry.tried_at + _PAUSE_SECONDS:
                entry.tried_at = now
                try:
                    found = fetch(uri)
                    keys = read_key_set(found, CLIENT_ALGORITHMS, skips=True)
                    if any(key.is_private for key in keys.keys):
                        raise ValueError("a private key is in it")
                    entry.keys = keys
                    entry.fetched_at = now
                except (FetchError, ValueError) as error:
                    log.warning("The key set at %r cannot be used: %s", uri, error)
            if now >= entry.fetched_at + STALE_SECONDS:
                return None
            return entry.keys


def fetch(uri: str) -> bytes:
    """Return what is at an https URI, redirects not followed.

    :raises FetchError: it cannot be had, or not from a public address, or not within
        ``MAX_SECONDS`` and ``MAX_BYTES``.
    """
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
    # Each read has a timeout of its own; a server that sends a byte now and then would
    # never meet it.
    watch = threading.Timer(MAX_SECONDS, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        headers = {"Accept": "application/jwk-set+json, application/json"}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise FetchError(f"the answer was {response.status}")
        body = response.read(MAX_BYTES + 1)
        connection.check_time()
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.check_time()
        raise FetchError(f"{type(error).__name__}: {error}") from None
    finally:
        watch.cancel()
        connection.close()
    if len(body) > MAX_BYTES:
        raise FetchError(f"it is longer than {MAX_BYTES} bytes")
    return body


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet."""
    ip: Any = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        # An IPv4 address in other clothes leads to the same host.
        teredo = ip.teredo
        ip = ip.ipv4_mapped or ip.sixtofour or (teredo and teredo[1]) or ip
        if ip.version == 6 and ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.version == 6 and (ip not in _UNICAST or ip in _DOCUMENTATION):
        return False  # reserved, whatever Python knows of it
    return bool(ip.is_global and not ip.is_multicast)


class _PublicConnection(http.client.HTTPSConnection):
    """Connects to the very address that was found public: a second look-up of the name
    might say another."""

    _context: ssl.SSLContext
    # Kept here: once an answer is to end with its connection, `sock` is None.
    _socket: socket.socket | None = None
    _is_cut = False

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [info[4] for info in found]
        if not addresses or not all(is_public(str(a[0])) for a in addresses):
            raise FetchError("its host is not public")
        self.check_time()
        raw = socket.create_connection((str(addresses[0][0]), self.port), self.timeout)
        self.sock = self._socket = self._context.wrap_socket(
            raw, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.check_time()
        self.sock.do_handshake()
        self.check_time()

    def cut(self) -> None:
        """End it now, whatever another thread is waiting for."""
        self._is_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # TLS's own would take the connection from under who reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def check_time(self) -> None:
        """:raises FetchError: it was cut; what came so far is not all of it."""
        if self._is_cut:
            raise FetchError(f"it took longer than {MAX_SECONDS} seconds")
