"""Read the metadata, and the challenges that lead to it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

WELL_KNOWN = "/.well-known/oauth-authorization-server"
CHALLENGE = re.compile(r'Bearer resource_metadata="([!#-\[\]-~]+)"')
"""Visible ASCII without quotation marks and backslashes (RFC 9110 §5.6.4)."""


def urls_in(described: dict[str, Any]) -> dict[str, str]:
    """Return the path of each URL in the metadata, by the name of its member."""
    return {
        name: urlsplit(value).path
        for name, value in described.items()
        if name.endswith(("_endpoint", "_uri"))
    }


def pointed_to(challenge: str) -> str:
    """Return the URL in a challenge that has nothing else."""
    found = CHALLENGE.fullmatch(challenge)
    assert found is not None, challenge
    return found[1]
