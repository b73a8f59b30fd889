"""Wrong arguments of the lists are errors of ours, and no other lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_tapauth import RegistrationError, TapAuth

from ..cli import refused
from ..conftest import MakeApp, Run

DURATIONS = (-1, 2**31, 1.5, timedelta(microseconds=5), timedelta(days=99999), "5")
LIMITS = (0, -1, 1.5, "1", True, 2**31)


@pytest.fixture(autouse=True)
def app(make_app: MakeApp) -> Any:
    return make_app(TAPAUTH_AUDIT=True)


@pytest.mark.parametrize("argument", ["expiring", "unused"])
@pytest.mark.parametrize("duration", DURATIONS)
def test_a_wrong_duration_is_named(
    tapauth: TapAuth, argument: str, duration: Any
) -> None:
    """It was a ValueError that named no argument."""
    with pytest.raises(RegistrationError, match=f"^{argument}: .* is no duration"):
        tapauth.clients.list(**{argument: duration})


@pytest.mark.parametrize("state", ["activ", "used", "", 5])
def test_a_state_that_does_not_exist_is_refused(tapauth: TapAuth, state: Any) -> None:
    """`state="enabled"` listed the active clients, and `state="activ"` all tokens."""
    with pytest.raises(RegistrationError, match=r"^state: there is no state"):
        tapauth.clients.list(state=state)
    if state != "used":
        with pytest.raises(RegistrationError, match=r"^state: there is no state"):
            tapauth.tokens.list(state=state)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_is_a_positive_number(tapauth: TapAuth, limit: Any) -> None:
    """-1 listed everything on SQLite, and was an outage on PostgreSQL."""
    for name in ("clients", "tokens", "events"):
        with pytest.raises(RegistrationError, match=r"^limit: "):
            getattr(tapauth, name).list(limit=limit)


def test_events_since_a_wrong_date_are_wrong_input(run: Run, tapauth: TapAuth) -> None:
    """`--since 1900-01-01` ended in a traceback."""
    with pytest.raises(RegistrationError, match=r"^since: the date is out of range"):
        tapauth.events.list(since=datetime(1900, 1, 1, tzinfo=UTC))

    line = refused(run("events", "list", "--since", "1900-01-01"), 2)
    assert line.startswith("Error: --since: the date is out of range")


@pytest.mark.parametrize("argument", ["client", "action", "reason"])
def test_events_of_what_is_no_text_are_wrong_input(run: Run, argument: str) -> None:
    """A terminal's bytes that are not UTF-8 ended in a traceback."""
    line = refused(run("events", "list", f"--{argument}", "\udcff"), 2)
    assert line.startswith(f"Error: --{argument}: ")


@pytest.mark.parametrize(
    "command",
    [
        ("clients", "list", "--expiring"),
        ("clients", "list", "--unused"),
        ("tokens", "purge", "--older-than"),
        ("events", "purge", "--older-than"),
    ],
)
def test_a_duration_that_is_too_long_is_wrong_input(
    run: Run, command: tuple[str, ...]
) -> None:
    """99999 days ended in a traceback, or in an error with Python in it."""
    line = refused(run(*command, "99999d"), 2)
    assert line == f"Error: {command[2]}: '99999d' is too long; write 2147483647 " + (
        "seconds or less"
    )
