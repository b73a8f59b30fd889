"""Read values of a posted form, which are all text."""

from __future__ import annotations

from datetime import datetime

from flask import request

from ..errors import RegistrationError


def read_text(name: str) -> str | None:
    """Return what was typed into a field; None if nothing was."""
    return request.form.get(name, "").strip() or None


def read_words(name: str) -> list[str]:
    """Return the lines or words of a field, or the boxes that were ticked."""
    return " ".join(request.form.getlist(name)).split()


def read_number(name: str) -> int | None:
    text = read_text(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise RegistrationError(
            f"{text[:40]!r} is no whole number of seconds; write it as 3600", name
        ) from None


def read_date(name: str) -> datetime | None:
    text = read_text(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise RegistrationError(
            f"{text[:40]!r} is not a date; write it as 2027-01-31", name
        ) from None
