"""Compare redirect URIs, and tell where they lead."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from .transport import is_loopback

_LOOPBACK: Final = re.compile(
    r"(http://(?:127\.0\.0\.1|\[::1\]|localhost)):([1-9][0-9]{0,4})((?:[/?].*)?)"
)


def is_registered(uri: str, registered: Collection[str]) -> bool:
    """Tell whether a redirect URI is one of the registered ones (RFC 9700 §2.1).

    They are compared as strings. Only the port may differ, where a URI on loopback is
    registered without one: a native application listens on whatever port is free
    (RFC 8252 §7.3).
    """
    return uri in registered or _without_port(uri) in registered


def _without_port(uri: str) -> str | None:
    match = _LOOPBACK.fullmatch(uri)
    if match is None or int(match[2]) > 65535:
        return None
    return match[1] + match[3]


def is_private_use(uri: str) -> bool:
    """Tell whether a URI has a scheme of an application's own, such as
    ``com.example.app``, which its operating system opens (RFC 8252 §7.1)."""
    return "." in urlsplit(uri).scheme


def is_on_own_machine(uri: str) -> bool:
    """Tell whether a redirect URI leads to a program on the person's own machine."""
    parts = urlsplit(uri)
    return parts.scheme not in ("https", "http") or is_loopback(parts.netloc)
