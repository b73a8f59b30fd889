"""Make text from outside safe to write into a log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_LENGTH: Final = 300


def shown(value: object) -> str:
    """Return one line of ASCII, which can forge no log line and control no terminal."""
    text = ascii(str(value))[1:-1]
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."


def shown_without(value: object, secrets: Iterable[object]) -> str:
    """Return what :func:`shown` does, with a mark in the place of each secret."""
    text = str(value)
    for secret in secrets:
        if secret:
            text = text.replace(str(secret), "***")
    return shown(text)
