"""``flask tapauth consents``."""

from __future__ import annotations

import click

from .._registration import check_user_id
from .._state import get_state
from .group import commands
from .shared import as_json_option, iso8601, print_json, print_values


@commands.group("consents")
def consents() -> None:
    """See what people let clients have, and take it back."""


@consents.command("list")
@click.option("--user", "user_id", metavar="USER_ID")
@click.option("--client", "client_id", metavar="CLIENT_ID")
@as_json_option
def list_consents(user_id: str | None, client_id: str | None, as_json: bool) -> None:
    """List the consents that are remembered, the oldest first."""
    state = get_state()
    if user_id is not None:
        check_user_id(user_id)
    client = None if client_id is None else state.clients.get(client_id)
    found = [
        {
            "user_id": consent.user_id,
            "client_id": consent.client_id,
            "scope": " ".join(consent.scopes),
            "granted_at": iso8601(consent.granted_at),
        }
        for consent in state.store.consents.list(user_id, client)
    ]
    if as_json:
        print_json(found)
        return
    for consent in found:
        click.echo("  ".join(str(value) for value in consent.values()))


@consents.command("revoke")
@click.argument("user_id")
@click.option("--client", "client_id", metavar="CLIENT_ID", help="To this one alone.")
@as_json_option
def revoke_consents(user_id: str, client_id: str | None, as_json: bool) -> None:
    """Forget what a person allowed, and revoke the tokens they gave."""
    state = get_state()
    check_user_id(user_id)
    client = None if client_id is None else state.clients.get(client_id)
    # First: it could bring forth tokens in between, and nobody be asked.
    forgotten = state.store.consents.delete(user_id, client)
    revoked = state.registry.revoke(client_id, user_id, "consent")
    print_values(
        {"user_id": user_id, "consents": forgotten, "tokens": revoked}, as_json
    )
