"""Options and arguments that several commands take."""

from __future__ import annotations

from datetime import datetime

import click

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for scripts."
)
yes_option = click.option(
    "--yes", "is_sure", is_flag=True, help="Do not ask for confirmation."
)
client_id_argument = click.argument("client_id", metavar="CLIENT_ID")
client_option = click.option(
    "--client", "client_id", metavar="CLIENT_ID", help="Limit to this client."
)
user_option = click.option(
    "--user", "user_id", metavar="USER_ID", help="Limit to this user."
)
scopes_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="Scope, or several separated by spaces. Repeatable.",
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
