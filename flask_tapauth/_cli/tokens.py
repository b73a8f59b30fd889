"""``flask tapauth tokens``."""

from __future__ import annotations

import sys

import click

from .._app.app_state import get_app_state
from .._base.ids import check_user_id
from .._tokens.tokens import MAX_BATCH
from ..errors import RegistrationError
from .group import commands
from .options import (
    as_json_option,
    client_id_argument,
    client_option,
    scopes_option,
    user_option,
    yes_option,
)
from .output import confirm, iso8601, note, print_table, print_values


@commands.group("tokens")
def tokens() -> None:
    """Issue, list, revoke and purge tokens."""


@tokens.command()
@client_id_argument
@scopes_option
@click.option(
    "--expires-in",
    type=int,
    metavar="SECONDS",
    help="Lifetime of the token. The client's own, or the app's, if you leave it out.",
)
@as_json_option
def issue(
    client_id: str, scopes: tuple[str, ...], expires_in: int | None, as_json: bool
) -> None:
    """Issue an access token to a client and show it once.

    The token has every scope of the client, or those that you name.

    \b
    Examples:
      flask tapauth tokens issue nightly-report
      flask tapauth tokens issue nightly-report --scope orders:read --json
    """
    state = get_app_state()
    client = state.clients.get(client_id)
    print_values(state.issuer.issue(client, scopes or None, None, expires_in), as_json)


@tokens.command("list")
@client_option
@user_option
@click.option(
    "--state",
    "wanted",
    type=click.Choice(("active", "expired", "revoked", "used", "all")),
    default="active",
    show_default=True,
    help="Only tokens in this state; used means an exchanged refresh token.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    metavar="N",
    help="Show at most this many, the newest.",
)
@as_json_option
def list_tokens(
    client_id: str | None,
    user_id: str | None,
    wanted: str,
    limit: int,
    as_json: bool,
) -> None:
    """List access and refresh tokens, without the tokens themselves.

    Tokens are stored as hashes, so nobody can show them again.

    \b
    Examples:
      flask tapauth tokens list --user 7
      flask tapauth tokens list --client nightly-report --state all --json
    """
    listed, more = get_app_state().tokens.list(client_id, user_id, wanted, limit)
    members = [
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
    print_table(
        members,
        as_json,
        "there are no such tokens; --state all lists inactive tokens too.",
    )
    if more:
        note("there are more tokens; show them with --limit.")


@tokens.command()
@click.argument("token", required=False)
@client_option
@user_option
@yes_option
@as_json_option
def revoke(
    token: str | None,
    client_id: str | None,
    user_id: str | None,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Revoke one token, or all tokens of a client or user.

    Give TOKEN as - to read it from standard input, which keeps it out of the shell's
    history. Revoking a refresh token also revokes the access tokens and refresh tokens
    of its family. With --client and --user, only that user's tokens of that client are
    revoked.

    \b
    Examples:
      flask tapauth tokens revoke --client nightly-report
      flask tapauth tokens revoke - < leaked-token.txt
    """
    if (token is None) == (client_id is None and user_id is None):
        raise click.UsageError(
            "say what to revoke: a TOKEN, or --client, --user or both"
        )
    tokens = get_app_state().tokens
    if token is None:
        # Refuse a wrong client or user before asking for confirmation.
        if client_id is not None:
            get_app_state().clients.get(client_id)
        if user_id is not None:
            check_user_id(user_id)
        owners = [f"client {client_id!r}"] if client_id is not None else []
        owners += [f"user {user_id!r}"] if user_id is not None else []
        confirm(f"Revoke all tokens of {' for '.join(owners)}?", is_sure)
        count = tokens.revoke(client_id, user_id, "admin")
    else:
        value = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105
        if not value.strip():
            raise RegistrationError("the token is empty; give one", "token")
        count = tokens.revoke_token(value)
    print_values({"revoked": count}, as_json)


@tokens.command()
@click.option(
    "--older-than",
    type=click.IntRange(0, 2**31),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Keep tokens that expired less than this long ago.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, MAX_BATCH),
    default=1000,
    show_default=True,
    metavar="N",
    help="Rows to delete in each transaction.",
)
@as_json_option
def purge(older_than: int, batch_size: int, as_json: bool) -> None:
    """Delete expired tokens, in small transactions.

    Safe to run from cron while the app serves requests. A used refresh token stays
    until its token family has expired, because its second use reveals a theft.

    \b
    Examples:
      flask tapauth tokens purge
      flask tapauth tokens purge --older-than 604800
    """
    tokens = get_app_state().tokens
    if as_json or not sys.stderr.isatty():
        print_values(tokens.purge(older_than, batch_size), as_json)
        return
    total = tokens.count_expired(older_than)
    with click.progressbar(length=total, label="Purging", file=sys.stderr) as bar:
        purged = tokens.purge(older_than, batch_size, bar.update)
    print_values(purged, as_json)
