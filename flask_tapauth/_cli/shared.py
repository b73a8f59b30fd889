"""Options that several commands take, and how all of them print."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from ..models import ClientMixin

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
client_id_argument = click.argument("client_id", metavar="CLIENT_ID")
scopes_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="S",
    help="A scope, or several separated by spaces; may be repeated.",
)


def iso8601(moment: int | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def describe(client: ClientMixin) -> dict[str, Any]:
    """A client in the words of RFC 7591 §2 where it has them."""
    keys = {} if client.jwks is None else {"jwks": json.loads(client.jwks)}
    return {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "public": client.is_public,
        "token_endpoint_auth_method": _method_of(client),
        **keys,
        "jwks_uri": client.jwks_uri,
        "grant_types": list(client.grant_types),
        "scope": " ".join(client.scopes),
        "redirect_uris": list(client.redirect_uris),
        "expires_in": client.access_token_expires_in,
        "secret_expires_at": iso8601(client.secret_expires_at),
        "resource_server": client.is_resource_server,
        "skip_consent": client.skip_consent,
        "state": state_of(client),
        "created_at": iso8601(client.created_at),
    }


def _method_of(client: ClientMixin) -> str:
    if client.is_public:
        return "none"
    return "private_key_jwt" if client.has_keys else "client_secret_basic"


def state_of(client: ClientMixin) -> str:
    if client.is_disabled:
        return "disabled"
    return "expired" if client.is_expired() else "active"


def print_values(values: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        if isinstance(value, list):
            value = " ".join(value)
        click.echo(f"{name:{width}}  {_words(value)}")


def _words(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def note(text: str) -> None:
    click.echo(f"Note: {text}", err=True)
