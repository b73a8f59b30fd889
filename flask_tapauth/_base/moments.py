"""Points in time, in seconds since the epoch, and lifetimes in seconds."""

from __future__ import annotations

import time


def has_passed(moment: int | None, now: float | None = None) -> bool:
    """Tell whether a point in time is now or in the past; None means never."""
    return moment is not None and moment <= (time.time() if now is None else now)


def check_lifetime(seconds: int) -> int:
    """:raises ValueError: it is not a whole number from 1 to 2147483647."""
    if type(seconds) is not int or not 0 < seconds < 2**31:
        raise ValueError(
            "a token's lifetime must be from 1 to 2147483647 whole seconds; give a "
            "whole number such as 3600"
        )
    return seconds
