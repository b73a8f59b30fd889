"""``flask tapauth clients``: all commands but ``create``, ``update`` and ``import``."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from .._app.app_state import get_app_state
from .._clients.registered_client import RegisteredClient
from .._clients.state import ClientKind, ClientState
from .client_members import describe, summarise
from .group import commands
from .options import (
    as_json_option,
    client_id_argument,
    limit_option,
    read_date,
    read_duration,
    yes_option,
)
from .output import confirm, note, print_table, print_values


@commands.group("clients")
def clients() -> None:
    """Register and change clients."""


@clients.command("list")
@click.option(
    "--state",
    type=click.Choice(("active", "disabled", "expired")),
    help="Only clients in this state.",
)
@click.option(
    "--kind",
    type=click.Choice(("registered", "document")),
    help="Only clients of this kind; a document client is the URL of its metadata.",
)
@click.option(
    "--expiring",
    callback=read_duration,
    metavar="DURATION",
    help="Only clients whose secret expires within this time, as 14d.",
)
@click.option(
    "--unused",
    callback=read_duration,
    metavar="DURATION",
    help="Only clients that got no token and used none for this time, as 90d.",
)
@click.option(
    "--search",
    metavar="TEXT",
    help="Only clients whose id begins so, or whose name has it.",
)
@click.option(
    "--after",
    metavar="CLIENT_ID",
    help="Only clients that were registered after this one.",
)
@limit_option(None)
@as_json_option
def list_clients(
    state: ClientState | None,
    kind: ClientKind | None,
    expiring: timedelta | None,
    unused: timedelta | None,
    search: str | None,
    after: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List clients, oldest first.

    \b
    Examples:
      flask tapauth clients list --expiring 14d
      flask tapauth clients list --json > clients.json
    """
    found = get_app_state().clients.list(
        state=state,
        kind=kind,
        expiring=expiring,
        unused=unused,
        search=search,
        after=after,
        limit=limit,
    )
    members = describe if as_json else summarise
    print_table(
        [members(client) for client in found],
        as_json,
        "there are no such clients."
        if state or kind or expiring or unused
        else "there are no clients; `flask tapauth clients create` registers one.",
    )


@clients.command()
@client_id_argument
@as_json_option
def show(client_id: str, as_json: bool) -> None:
    """Show a client's registration, without its secret.

    A secret is stored as a hash, so nobody can show it again; `rotate-secret` makes a
    new secret.

    \b
    Examples:
      flask tapauth clients show nightly-report
    """
    print_values(describe(get_app_state().clients.get(client_id)), as_json)


@clients.command("rotate-secret")
@client_id_argument
@click.option(
    "--grace",
    callback=read_duration,
    default="0",
    metavar="DURATION",
    help="Accept the old secret for this long, as 3600 or 12h.",
)
@click.option(
    "--secret-expires-at",
    callback=read_date,
    metavar="DATE",
    help="When the new secret expires, in ISO 8601. Never if you leave it out.",
)
@as_json_option
def rotate_secret(
    client_id: str, grace: timedelta, secret_expires_at: datetime | None, as_json: bool
) -> None:
    """Give a client a new secret and show it once.

    \b
    Examples:
      flask tapauth clients rotate-secret nightly-report --grace 3600
    """
    rotated = get_app_state().clients.rotate_secret(
        client_id, grace=grace, secret_expires_at=secret_expires_at
    )
    print_secret(rotated, as_json)


@clients.command()
@client_id_argument
@as_json_option
def disable(client_id: str, as_json: bool) -> None:
    """Refuse a client and its tokens until you enable it.

    \b
    Examples:
      flask tapauth clients disable nightly-report
    """
    print_values(describe(get_app_state().clients.disable(client_id)), as_json)


@clients.command()
@client_id_argument
@as_json_option
def enable(client_id: str, as_json: bool) -> None:
    """Accept a disabled client and its tokens again.

    \b
    Examples:
      flask tapauth clients enable nightly-report
    """
    print_values(describe(get_app_state().clients.enable(client_id)), as_json)


@clients.command()
@client_id_argument
@yes_option
@as_json_option
def delete(client_id: str, is_sure: bool, as_json: bool) -> None:
    """Delete a client and all of its tokens for good.

    \b
    Examples:
      flask tapauth clients delete nightly-report
    """
    client = get_app_state().clients.get(client_id)
    confirm(
        f"Delete {client.client_name!r} ({client_id}) and all of its tokens?", is_sure
    )
    get_app_state().clients.delete(client_id)
    print_values({"client_id": client_id, "deleted": True}, as_json)


def print_secret(registered: RegisteredClient, as_json: bool) -> None:
    client_id, secret, client = registered
    members = {"client_id": client_id, "client_secret": secret}
    print_values({**members, **describe(client)}, as_json)
    if not as_json and secret is not None:
        note("keep the secret: it is not stored, and is not shown again.")
