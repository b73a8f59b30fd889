"""``flask tapauth clients``: all commands but ``create``, ``update`` and ``import``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import click

from .._app.app_state import get_app_state
from .._clients.registered_client import RegisteredClient
from ..models import ClientMixin
from .client_members import describe, summarise
from .group import commands
from .options import (
    as_json_option,
    client_id_argument,
    read_date,
    read_duration,
    yes_option,
)
from .output import confirm, note, print_json_array, print_table, print_values

_TABLE_ROWS: Final = 100
_PAGE: Final = 1000


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
@click.option(
    "--limit",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help=f"Show at most this many. {_TABLE_ROWS} without --json, all of them with it.",
)
@as_json_option
def list_clients(
    after: str | None, limit: int | None, as_json: bool, **filters: Any
) -> None:
    """List clients, oldest first.

    \b
    Examples:
      flask tapauth clients list --expiring 14d
      flask tapauth clients list --json > clients.json
    """
    if as_json:
        print_json_array(map(describe, _in_pages(after, limit, filters)))
        return
    limit = limit or _TABLE_ROWS
    found = get_app_state().clients.list(after=after, limit=limit + 1, **filters)
    print_table(
        [summarise(client) for client in found[:limit]],
        as_json,
        "there are no such clients."
        if any(filters.values())
        else "there are no clients; `flask tapauth clients create` registers one.",
    )
    if len(found) > limit:
        note("there are more clients; show them with --limit, or all with --json.")


def _in_pages(
    after: str | None, limit: int | None, filters: dict[str, Any]
) -> Iterator[ClientMixin]:
    """Yield clients page by page: a million of them would fill the memory."""
    while limit is None or limit > 0:
        size = _PAGE if limit is None else min(limit, _PAGE)
        page = get_app_state().clients.list(after=after, limit=size, **filters)
        yield from page
        if len(page) < size:
            return
        after = page[-1].client_id
        limit = None if limit is None else limit - size


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
