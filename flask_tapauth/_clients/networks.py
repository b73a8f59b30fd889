"""The networks that a client may ask from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network


def check_network(network: str) -> str:
    """Return a network as it is usually written.

    :raises ValueError: it is no network in CIDR notation; the message says what to
        write.
    """
    try:
        return str(ip_network(network))
    except ValueError as error:
        raise ValueError(
            f"{network!r} is no network ({error}); write it as 192.0.2.0/24 or "
            "2001:db8::/32"
        ) from None


def is_allowed(address: str | None, networks: Iterable[str]) -> bool:
    """Tell whether a client may ask from this address.

    :param address: the caller's address; None, or text that is no address, is in no
        network.
    :param networks: as :func:`check_network` returns them; none allow every address.
    """
    networks = tuple(networks)
    if not networks:
        return True
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    # A server that listens on IPv6 sees IPv4 callers as ::ffff:192.0.2.1.
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in ip_network(network) for network in networks)
