"""``flask tapauth events``."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from .._app.app_state import get_app_state
from .group import commands
from .options import (
    as_json_option,
    client_option,
    limit_option,
    read_date,
    read_duration,
    user_option,
    yes_option,
)
from .output import confirm, iso8601, print_table, print_values


@commands.group("events")
def events() -> None:
    """List and purge the events that TAPAUTH_AUDIT keeps."""


@events.command("list")
@click.option(
    "--since", callback=read_date, metavar="DATE", help="Only events from this time on."
)
@client_option
@user_option
@click.option("--action", metavar="ACTION", help="Only acts such as client_disabled.")
@click.option("--reason", metavar="REASON", help="Only events with this reason.")
@limit_option(100)
@as_json_option
def list_events(
    since: datetime | None,
    client: str | None,
    user_id: str | None,
    action: str | None,
    reason: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List events, newest first.

    \b
    Examples:
      flask tapauth events list --client nightly-report
      flask tapauth events list --action client_authentication_failed --json
    """
    found = [
        {**event._asdict(), "time": iso8601(event.time)}
        for event in get_app_state().events.list(
            since=since,
            client=client,
            user_id=user_id,
            action=action,
            reason=reason,
            limit=limit,
        )
    ]
    print_table(found, as_json, "there are no such events.")


@events.command()
@click.option(
    "--older-than",
    callback=read_duration,
    required=True,
    metavar="DURATION",
    help="Delete events that are older than this, as 365d.",
)
@yes_option
@as_json_option
def purge(older_than: timedelta, is_sure: bool, as_json: bool) -> None:
    """Delete old events, in small transactions.

    \b
    Examples:
      flask tapauth events purge --older-than 365d
    """
    confirm("Delete the old events for good?", is_sure)
    print_values({"deleted": get_app_state().events.purge(older_than)}, as_json)
