"""Check the arguments by which lists are narrowed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from ..errors import RegistrationError
from .moments import to_seconds
from .parameters import check_text


def check_limit(limit: Any) -> None:
    """:raises RegistrationError: it is no number of rows. A database may return all of
    them for a negative one, or refuse it."""
    if type(limit) is not int or not 1 <= limit < 2**31:
        raise RegistrationError(
            f"{limit!r} is no whole number from 1 to 2147483647", "limit"
        )


def check_choice(argument: str, value: Any, known: Collection[str]) -> None:
    """:raises RegistrationError: there is no such value."""
    if value not in known:
        raise RegistrationError(
            f"there is no {argument} {value!r}; there are {', '.join(known)}", argument
        )


def check_period(argument: str, duration: int | timedelta | None) -> int | None:
    """Return a period in seconds.

    :raises RegistrationError: it is no period.
    """
    try:
        return None if duration is None else to_seconds(duration)
    except ValueError as error:
        raise RegistrationError(str(error), argument) from None


def check_words(argument: str, text: str | None) -> str | None:
    """Return text to compare with what is stored.

    :raises RegistrationError: it is not text that could be stored.
    """
    try:
        return None if text is None else check_text(text)
    except ValueError as error:
        raise RegistrationError(str(error), argument) from None
