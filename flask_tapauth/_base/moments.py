"""Points in time, in seconds since the epoch, and lifetimes in seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_YEAR_10000 = 253_402_300_800


def has_passed(moment: int | None, now: float | None = None) -> bool:
    """Tell whether a point in time is now or in the past; None means never."""
    return moment is not None and moment <= (time.time() if now is None else now)


def to_seconds(duration: int | timedelta) -> int:
    """Return a duration in whole seconds.

    :raises ValueError: it is neither an integer nor a timedelta of 0 to 2147483647
        whole seconds.
    """
    seconds = duration
    if isinstance(duration, timedelta) and not duration % timedelta(seconds=1):
        seconds = duration // timedelta(seconds=1)
    if type(seconds) is not int or not 0 <= seconds < 2**31:
        raise ValueError(
            f"{duration!r} is no duration from 0 to 2147483647 whole seconds; give a "
            "whole number such as 3600, or a timedelta"
        )
    return seconds


def to_timestamp(date: datetime) -> int:
    """Return a date as seconds since the epoch; without a time zone, it is in UTC.

    :raises ValueError: it is no datetime, or its year is not from 1970 to 9999.
    """
    if not isinstance(date, datetime):
        raise ValueError(
            f"{date!r} is no datetime; datetime.fromisoformat() reads a string"
        )
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    seconds = int(date.timestamp())
    if not 0 <= seconds < _YEAR_10000:
        raise ValueError("the date is out of range; give a year from 1970 to 9999")
    return seconds


def check_lifetime(duration: int | timedelta) -> int:
    """Return the lifetime of a token in seconds.

    :raises ValueError: it is not from 1 to 2147483647 whole seconds.
    """
    seconds = to_seconds(duration)
    if not seconds:
        raise ValueError(
            "a token's lifetime is one or more whole seconds; give more than 0"
        )
    return seconds
