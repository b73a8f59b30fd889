"""``flask tapauth tokens``, but for ``explain``."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from .._app.app_state import get_app_state
from .._base.ids import check_user_id
from .._tokens.listing import TokenState
from .._tokens.tokens import MAX_BATCH
from ..errors import RegistrationError
from .group import commands
from .options import (
    as_json_option,
    client_id_argument,
    client_option,
    limit_option,
    read_duration,
    scopes_option,
    user_option,
    yes_option,
)
from .output import confirm, iso8601, note, print_table, print_values


@commands.group("tokens")
def tokens() -> None:
    """Issue, list, explain, revoke and purge tokens."""


@tokens.command()
@client_id_argument
@scopes_option
@click.option(
    "--user", "user_id", metavar="USER_ID", help="User that the token acts for."
)
@click.option(
    "--expires-in",
    callback=read_duration,
    metavar="DURATION",
    help="Lifetime of the access token, as 3600 or 12h. The client's own, or the "
    "app's, if you leave it out.",
)
@click.option(
    "--resource",
    metavar="URI",
    help="Resource that the token is for. This app if you leave it out.",
)
@as_json_option
def issue(
    client_id: str,
    scopes: tuple[str, ...],
    user_id: str | None,
    expires_in: timedelta | None,
    resource: str | None,
    as_json: bool,
) -> None:
    """Issue a token to a client and show it once.

    The token has every scope of the client, or those that you name. A client with the
    refresh_token grant gets a refresh token too.

    \b
    Examples:
      flask tapauth tokens issue nightly-report
      flask tapauth tokens issue order-app --user 7 --scope orders:read --json
    """
    issued = get_app_state().tokens.issue(
        client_id,
        scopes=scopes or None,
        user_id=user_id,
        expires_in=expires_in,
        resource=resource,
    )
    print_values(issued, as_json)


@tokens.command("list")
@client_option
@user_option
@click.option(
    "--state",
    type=click.Choice(("active", "expired", "revoked", "used", "all")),
    default="active",
    show_default=True,
    help="Only tokens in this state; used means an exchanged refresh token.",
)
@limit_option(100)
@as_json_option
def list_tokens(
    client: str | None,
    user_id: str | None,
    state: TokenState,
    limit: int,
    as_json: bool,
) -> None:
    """List access and refresh tokens, newest first.

    Tokens are stored as hashes, so nobody can show them again. The handle names a token
    for `tokens revoke`.

    \b
    Examples:
      flask tapauth tokens list --user 7
      flask tapauth tokens list --client nightly-report --state all --json
    """
    found = get_app_state().tokens.list(
        client=client, user_id=user_id, state=state, limit=limit + 1
    )
    members = [
        {
            "handle": token.handle,
            "kind": token.kind,
            "client_id": token.client_id,
            "user_id": token.user_id,
            "scope": " ".join(token.scopes),
            "issued_at": iso8601(token.issued_at),
            "expires_at": iso8601(token.expires_at),
            "state": token.state,
        }
        for token in found[:limit]
    ]
    print_table(
        members,
        as_json,
        "there are no such tokens; --state all lists inactive tokens too.",
    )
    if len(found) > limit:
        note("there are more tokens; show them with --limit.")


@tokens.command()
@click.argument("token", required=False)
@client_option
@user_option
@click.option("--all", "everything", is_flag=True, help="All tokens of every client.")
@yes_option
@as_json_option
def revoke(
    token: str | None,
    client: str | None,
    user_id: str | None,
    everything: bool,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Revoke a token, or all tokens of a client or user.

    TOKEN is a token, or its handle as `tokens list` shows it. Give TOKEN as - to read
    it from standard input, which keeps it out of the shell's history. Revoking a
    refresh token also revokes the access tokens and refresh tokens of its family. With
    --client and --user, only that user's tokens of that client are revoked.

    \b
    Examples:
      flask tapauth tokens revoke 6c1f0b9e
      flask tapauth tokens revoke --client nightly-report
      flask tapauth tokens revoke - < leaked-token.txt
    """
    owners = [f"client {client!r}"] if client is not None else []
    owners += [f"user {user_id!r}"] if user_id is not None else []
    if [token is not None, bool(owners), everything].count(True) != 1:
        raise click.UsageError(
            "say what to revoke: a TOKEN, or --client, --user or both, or --all"
        )
    tokens = get_app_state().tokens
    if token is not None:
        count = tokens.revoke(read_token(token))
    else:
        _check_owner(client, user_id)
        whose = " for ".join(owners) or "every client"
        confirm(f"Revoke all tokens of {whose}?", is_sure)
        count = tokens.revoke_all(client=client, user_id=user_id, everything=everything)
    print_values({"revoked": count}, as_json)


def read_token(token: str) -> str:
    """Return a token that was given as an argument, or as - on standard input.

    :raises RegistrationError: it is empty.
    """
    value = sys.stdin.readline() if token == "-" else token  # noqa: S105
    # As people copy it from a header or from JSON.
    value = value.strip().strip("\"'").removeprefix("Bearer ").strip()
    if not value:
        raise RegistrationError("the token is empty; give one", "token")
    return value


def _check_owner(client: str | None, user_id: str | None) -> None:
    """Refuse an unknown client or a wrong user id before asking for confirmation."""
    if client is not None:
        get_app_state().clients.get(client)
    if user_id is not None:
        check_user_id(user_id)


@tokens.command()
@click.option(
    "--older-than",
    callback=read_duration,
    default="0",
    metavar="DURATION",
    help="Keep tokens that expired less than this long ago, as 3600 or 7d.",
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
def purge(older_than: timedelta, batch_size: int, as_json: bool) -> None:
    """Delete expired tokens, in small transactions.

    Safe to run from cron while the app serves requests. A used refresh token stays
    until its token family has expired, because its second use reveals a theft. Clients
    that are the URL of a document go 90 days after their last use.

    \b
    Examples:
      flask tapauth tokens purge
      flask tapauth tokens purge --older-than 7d
    """
    tokens = get_app_state().tokens
    if as_json or not sys.stderr.isatty():
        purged = tokens.purge_by_kind(older_than, batch_size)
        print_values(purged._asdict(), as_json)
        return
    total = tokens.count_expired(older_than)
    with click.progressbar(length=total, label="Purging", file=sys.stderr) as bar:
        purged = tokens.purge_by_kind(older_than, batch_size, bar.update)
    print_values(purged._asdict(), as_json)
