"""Tell loopback hosts, which need no TLS, from other hosts."""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import Final

# Matched in full: [::1].evil and 127.0.0.1:evil are hosts of somebody else.
_HOST: Final = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9.-]+))(?::(?P<port>[0-9]{1,5}))?"
)


@functools.lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a host, with or without a port, is this machine itself.

    Authlib's own check reads an environment variable, which all apps share.
    """
    if host == "::1":  # as urlsplit().hostname has it
        return True
    match = _HOST.fullmatch(host.lower())
    if match is None or int(match["port"] or 0) > 65535:
        return False
    if match["name"] == "localhost":
        return True
    try:
        if match["v6"]:
            # Not ::ffff:127.0.0.1: versions of Python disagree about it.
            return ipaddress.IPv6Address(match["v6"]) == ipaddress.IPv6Address("::1")
        return ipaddress.IPv4Address(match["name"]).is_loopback
    except ValueError:
        return False
