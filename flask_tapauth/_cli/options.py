"""Options and arguments that several commands take."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from .._base.moments import to_seconds

F = TypeVar("F", bound=Callable[..., Any])

_UNITS = {"": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for scripts."
)
yes_option = click.option(
    "--yes", "is_sure", is_flag=True, help="Do not ask for confirmation."
)
client_id_argument = click.argument("client_id", metavar="CLIENT_ID")
client_option = click.option(
    "--client", "client", metavar="CLIENT_ID", help="Only those of this client."
)
user_option = click.option(
    "--user", "user_id", metavar="USER_ID", help="Only those of this user."
)
scopes_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="Scope, or several separated by spaces. Repeatable.",
)


def limit_option(default: int | None) -> Callable[[F], F]:
    return click.option(
        "--limit",
        type=click.IntRange(1, 1_000_000),
        default=default,
        show_default=default is not None,
        metavar="N",
        help="Show at most this many.",
    )


def read_date(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is not a date; write it as 2027-01-31T12:00Z"
        raise click.BadParameter(message, ctx, param) from None


def read_duration(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> timedelta | None:
    """Read whole seconds, or a number with a unit, such as 60m, 12h, 90d or 2w."""
    if value is None:
        return None
    parts = re.fullmatch("([0-9]{1,10})([mhdw]?)", value)
    message = f"{value!r} is no duration; write seconds, or a number such as 12h or 90d"
    try:
        if parts is not None:
            duration = timedelta(**{_UNITS[parts[2]]: int(parts[1])})
            to_seconds(duration)
            return duration
    except (OverflowError, ValueError):
        message = f"{value!r} is too long; write 2147483647 seconds or less"
    raise click.BadParameter(message, ctx, param)
