"""``flask tapauth consents``."""

from __future__ import annotations

import click

from .._app.app_state import get_app_state
from .._base.ids import check_user_id
from .group import commands
from .options import as_json_option, client_option, user_option, yes_option
from .output import confirm, iso8601, print_table, print_values


@commands.group("consents")
def consents() -> None:
    """List and revoke the consents that users gave to clients."""


@consents.command("list")
@user_option
@client_option
@as_json_option
def list_consents(user_id: str | None, client_id: str | None, as_json: bool) -> None:
    """List the remembered consents, oldest first.

    \b
    Examples:
      flask tapauth consents list
      flask tapauth consents list --user 7 --client order-page
    """
    state = get_app_state()
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
    print_table(found, as_json, "there are no such consents.")


@consents.command("revoke")
@click.argument("user_id", metavar="USER_ID")
@client_option
@yes_option
@as_json_option
def revoke_consents(
    user_id: str, client_id: str | None, is_sure: bool, as_json: bool
) -> None:
    """Forget a user's consents and revoke the user's tokens.

    \b
    Examples:
      flask tapauth consents revoke 7
      flask tapauth consents revoke 7 --client order-page --yes
    """
    state = get_app_state()
    check_user_id(user_id)
    client = None if client_id is None else state.clients.get(client_id)
    whom = "every client" if client_id is None else f"client {client_id!r}"
    confirm(
        f"Forget what user {user_id!r} allowed {whom}, and revoke the tokens?", is_sure
    )
    # Consents first: a remembered consent issues new tokens without asking the user.
    forgotten = state.store.consents.delete(user_id, client)
    revoked = state.tokens.revoke(client_id, user_id, "consent")
    print_values(
        {"user_id": user_id, "consents": forgotten, "tokens": revoked}, as_json
    )
