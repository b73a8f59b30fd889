"""Read and write scopes: words, joined by spaces (RFC 6749 §3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def parse_scopes(value: str | Iterable[str]) -> tuple[str, ...]:
    """Split one or more strings into valid scopes, each once, in the order given."""
    text = value if isinstance(value, str) else " ".join(value)
    scopes = tuple(dict.fromkeys(word for word in text.split(" ") if word))
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"{scope!r} has a character that no scope may have")
    return scopes


def join_scopes(scopes: Iterable[str]) -> str:
    return " ".join(scopes)
