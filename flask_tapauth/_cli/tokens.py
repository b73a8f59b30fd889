"""``flask tapauth tokens``."""

from __future__ import annotations

import sys

import click

from .._registry import MAX_BATCH
from .._state import get_state
from .group import commands
from .shared import (
    as_json_option,
    client_id_argument,
    iso8601,
    note,
    print_json,
    print_values,
    scopes_option,
)

_client = click.option("--client", "client_id", metavar="CLIENT_ID")
_user = click.option("--user", "user_id", metavar="USER_ID")


@commands.group("tokens")
def tokens() -> None:
    """Issue, list, revoke and purge tokens."""


@tokens.command()
@client_id_argument
@scopes_option
@click.option("--expires-in", type=int, metavar="SECONDS", help="Life of the token.")
@as_json_option
def issue(
    client_id: str, scopes: tuple[str, ...], expires_in: int | None, as_json: bool
) -> None:
    """Issue an access token for a client, and show it this once."""
    state = get_state()
    client = state.clients.get(client_id)
    print_values(state.issuer.issue(client, scopes or None, None, expires_in), as_json)


@tokens.command("list")
@_client
@_user
@click.option(
    "--state",
    "wanted",
    type=click.Choice(("active", "expired", "revoked", "used", "all")),
    default="active",
    show_default=True,
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    metavar="N",
    help="Show no more than these, the newest.",
)
@as_json_option
def list_tokens(
    client_id: str | None,
    user_id: str | None,
    wanted: str,
    limit: int,
    as_json: bool,
) -> None:
    """List access and refresh tokens; the tokens themselves nobody can show."""
    listed, more = get_state().registry.list(client_id, user_id, wanted, limit)
    shown = [
        {
            "kind": token.kind,
            "client_id": token.client_id,
            "user_id": token.user_id,
            "scope": " ".join(token.scopes),
            "issued_at": iso8601(token.issued_at),
            "expires_at": iso8601(token.expires_at),
            "state": token.state,
        }
        for token in listed
    ]
    if as_json:
        print_json(shown)
    else:
        for each in shown:
            click.echo("  ".join(str(value or "-") for value in each.values()))
    if more:
        note("there are more; --limit shows them.")


@tokens.command()
@click.argument("token", required=False)
@_client
@_user
@as_json_option
def revoke(
    token: str | None, client_id: str | None, user_id: str | None, as_json: bool
) -> None:
    """Revoke all tokens of a client, of a person, or of one for the other.

    Or one TOKEN, of which `-` reads the value from standard input, so that no shell
    remembers it. A refresh token takes all with it that came of it.
    """
    if (token is None) == (client_id is None and user_id is None):
        raise click.UsageError("name a TOKEN, or --client, --user or both")
    registry = get_state().registry
    if token is None:
        count = registry.revoke(client_id, user_id, "admin")
    else:
        value = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105
        count = registry.revoke_token(value)
    print_values({"revoked": count}, as_json)


@tokens.command()
@click.option(
    "--older-than",
    type=click.IntRange(0, 2**31),
    default=0,
    metavar="SECONDS",
    help="Keep what expired less than this ago.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, MAX_BATCH),
    default=1000,
    show_default=True,
    metavar="N",
    help="Rows deleted in one transaction.",
)
@as_json_option
def purge(older_than: int, batch_size: int, as_json: bool) -> None:
    """Delete expired tokens, in small steps beside live traffic; made for cron.

    Used refresh tokens stay until their family has expired: a theft is known by them.
    """
    registry = get_state().registry
    if as_json or not sys.stderr.isatty():
        print_values(registry.purge(older_than, batch_size), as_json)
        return
    total = registry.count_expired(older_than)
    with click.progressbar(length=total, label="Purging", file=sys.stderr) as bar:
        purged = registry.purge(older_than, batch_size, bar.update)
    print_values(purged, as_json)
