"""``flask tapauth tokens``."""

from __future__ import annotations

import click

from .._state import get_state
from .group import commands
from .shared import as_json_option, client_id_argument, print_values, scopes_option


@commands.group("tokens")
def tokens() -> None:
    """Issue access tokens."""


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
