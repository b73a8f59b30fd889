"""A notice in the session, for the page that follows a posted form."""

from __future__ import annotations

from typing import Final, Literal

from flask import session

Notice = Literal["stale", "revoked", "disabled", "enabled", "deleted"]
"""The template `pages.html` has a sentence for each."""

# Not Flask's flash(): the host's next page would show our words, or ours the host's.
_SESSION_KEY: Final = "_tapauth_notice"


def leave_notice(notice: Notice) -> None:
    session[_SESSION_KEY] = notice


def take_notice() -> str | None:
    """Return the notice that was left, and remove it."""
    notice: str | None = session.pop(_SESSION_KEY, None)
    return notice
