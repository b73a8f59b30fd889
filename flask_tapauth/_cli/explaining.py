"""``flask tapauth tokens explain``."""

from __future__ import annotations

import dataclasses

import click

from .._app.app_state import get_app_state
from .options import as_json_option
from .output import iso8601, print_json, print_values
from .tokens import read_token, tokens

_STEPS = {
    "malformed": (
        "looks like a token of this app",
        "it was cut off, or another app issued it",
    ),
    "unknown": ("is in the database", "it was purged, or issued by another app"),
    "used": ("was not used before", "it was exchanged; the client has a newer one"),
    "expired": ("has time left", "the client must get a new one"),
    "revoked": ("is not revoked", "`tokens list --state revoked` shows when"),
    "client_disabled": (
        "belongs to a client that is enabled",
        "`clients enable` accepts it again",
    ),
    "client_expired": (
        "belongs to a client whose secret is valid",
        "`clients update --secret-expires-at`, or `clients rotate-secret`",
    ),
    "audience": ("is for this app", "it was issued for another resource"),
}
"""What is checked, in this order, and what a failure means, by its reason."""


@tokens.command()
@click.argument("token", metavar="TOKEN")
@as_json_option
def explain(token: str, as_json: bool) -> None:
    """Explain whether this app accepts a token.

    Give TOKEN as - to read it from standard input, which keeps it out of the shell's
    history. The exit code is 0 for a good token, and 1 otherwise.

    \b
    Examples:
      flask tapauth tokens explain - < token.txt
    """
    explained = get_app_state().tokens.explain(read_token(token))
    members = dataclasses.asdict(explained)
    members["expires_at"] = iso8601(explained.expires_at)
    if as_json:
        print_json(members)
    else:
        for reason, (good, cause) in _STEPS.items():
            if reason == "used" and explained.kind != "refresh_token":
                continue
            if reason == explained.reason:
                click.echo(f"no   {good}: {cause}")
                break
            click.echo(f"yes  {good}")
        print_values(members, as_json)
    if not explained.active:
        raise click.exceptions.Exit(1)
