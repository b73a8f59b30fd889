"""Make text from outside safe to write into a log."""

from __future__ import annotations

from typing import Final

_MAX_LENGTH: Final = 300


def shown(value: object) -> str:
    """Return a value as one line of ASCII, cut to 300 characters.

    Line breaks would let a caller forge log lines; control characters would steer a
    terminal.
    """
    text = ascii(str(value))[1:-1]
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."
