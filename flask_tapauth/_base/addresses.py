"""Tell public IP addresses from those of private networks."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from typing import Any, Final

MAX_LOOK_UPS: Final = 8
"""The most look-ups at once: each has a thread, and cannot be ended if it hangs."""

_slots = threading.BoundedSemaphore(MAX_LOOK_UPS)
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# Some or all versions of Python's `is_global` count these as global.
_SPECIAL_V4: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; clouds have their metadata here
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "100.64.0.0/10",
        "198.18.0.0/15",
    )
)
_SPECIAL_V6: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "3fff::/20",
    )
)


class LookUpError(Exception):
    """A name cannot be looked up; the message says why, for a log."""


def look_up(host: str, port: int, seconds: float) -> list[str]:
    """Return all addresses of a host, public or not; there is at least one."""
    if not _slots.acquire(blocking=False):
        raise LookUpError("too many names are being looked up")
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(info[4][0]) for info in found)))
        except Exception as error:  # whatever the resolver does, the caller is told
            answers.put(error)
        finally:
            _slots.release()

    try:
        threading.Thread(target=ask, name="tapauth-look-up", daemon=True).start()
    except RuntimeError:
        _slots.release()
        raise LookUpError("no thread can be started") from None
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise LookUpError(f"its name took longer than {seconds:g} seconds") from None
    if isinstance(answer, Exception):
        raise LookUpError(f"{type(answer).__name__}: {answer}") from None
    if not answer:
        raise LookUpError("its host has no address")
    return answer


def is_public(address: str) -> bool:
    """Tell whether an IP address is public."""
    ip: Any = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        # An IPv4 address inside an IPv6 address leads to the same host.
        ip = ip.ipv4_mapped or ip.sixtofour or ip
        if ip.version == 6 and ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.version == 6 and ip not in _UNICAST:
        return False  # reserved, whatever Python knows of it
    if any(ip in network for network in (*_SPECIAL_V4, *_SPECIAL_V6)):
        return False
    return bool(ip.is_global and not ip.is_multicast)
