"""``flask tapauth clients``."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

import click

from .._clients import RegisteredClient
from .._state import get_state
from .group import commands
from .shared import (
    as_json_option,
    client_id_argument,
    describe,
    note,
    print_json,
    print_values,
    scopes_option,
    state_of,
)


@commands.group("clients")
def clients() -> None:
    """Register clients and change them."""


_CLEARED = object()
"""What an update takes for "no value", where None says "leave it"."""


def _moment(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is no date such as 2027-01-31T12:00Z"
        raise click.BadParameter(message, ctx, param) from None


def _moment_or_never(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> object:
    return _CLEARED if value == "never" else _moment(ctx, param, value)


def _seconds_or_default(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> object:
    if value is None:
        return None
    return _CLEARED if value == "default" else click.INT(value, param, ctx)


_grant_types = click.option(
    "--grant-type",
    "grant_types",
    multiple=True,
    metavar="G",
    help="A grant it may use; may be repeated.",
)
_redirect_uris = click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    metavar="U",
    help="Where users may be sent back to, compared exactly; may be repeated.",
)


@clients.command()
@click.argument("name")
@click.option("--client-id", metavar="ID", help="Made up where left out.")
@click.option(
    "--client-secret",
    metavar="SECRET",
    help="A secret that somebody chose; better, leave it out.",
)
@click.option("--public", is_flag=True, help="Register it without a secret.")
@_grant_types
@scopes_option
@_redirect_uris
@click.option("--expires-in", type=int, metavar="SECONDS", help="Life of its tokens.")
@click.option(
    "--secret-expires-at",
    callback=_moment,
    metavar="ISO8601",
    help="When its secret and tokens stop working; UTC unless it says otherwise.",
)
@click.option(
    "--resource-server", is_flag=True, help="It may introspect tokens of other clients."
)
@click.option(
    "--skip-consent", is_flag=True, help="It is your own, and asks people for none."
)
@click.option(
    "--jwks",
    type=click.File("rb"),
    metavar="FILE",
    help="Its public keys, a JWK set: it signs, and has no secret.",
)
@click.option("--jwks-uri", metavar="URL", help="Where it publishes them, instead.")
@as_json_option
def create(
    name: str,
    grant_types: tuple[str, ...],
    jwks: IO[bytes] | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Register a client, and show its secret this once."""
    registered = get_state().clients.register(
        name,
        grant_types=grant_types or ("client_credentials",),
        jwks=None if jwks is None else jwks.read(),
        columns={},
        **values,
    )
    client = registered.client
    if client.is_public and "client_credentials" in client.grant_types:
        note("a public client can get no token by client_credentials.")
    if client.is_expired():
        note("the secret has expired already.")
    _print_secret(registered, as_json)


@clients.command("list")
@as_json_option
def list_clients(as_json: bool) -> None:
    """List the clients, the oldest first."""
    found = get_state().clients.list()
    if as_json:
        print_json([describe(client) for client in found])
        return
    for client in found:
        state = "" if state_of(client) == "active" else f"  ({state_of(client)})"
        click.echo(f"{client.client_id}  {client.client_name}{state}")


@clients.command()
@client_id_argument
@as_json_option
def show(client_id: str, as_json: bool) -> None:
    """Show a client, all but its secret, which nobody can."""
    print_values(describe(get_state().clients.get(client_id)), as_json)


@clients.command()
@client_id_argument
@click.option("--name", "client_name")
@_grant_types
@scopes_option
@_redirect_uris
@click.option(
    "--expires-in",
    "access_token_expires_in",
    callback=_seconds_or_default,
    metavar="SECONDS|default",
    help="Life of its tokens from now on.",
)
@click.option(
    "--secret-expires-at",
    callback=_moment_or_never,
    metavar="ISO8601|never",
    help="When its secret and tokens stop working.",
)
@click.option(
    "--resource-server/--no-resource-server", "is_resource_server", default=None
)
@click.option("--skip-consent/--no-skip-consent", default=None)
@click.option(
    "--jwks",
    type=click.File("rb"),
    metavar="FILE",
    help="Public keys, for those it had.",
)
@click.option("--jwks-uri", metavar="URL", help="Where they are, for where they were.")
@as_json_option
def update(
    client_id: str, jwks: IO[bytes] | None, as_json: bool, **options: Any
) -> None:
    """Change a client: what is named is replaced, all else stays."""
    if jwks is not None:
        options["jwks"] = jwks.read()
    changes = {
        name: None if value is _CLEARED else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    if not changes:
        raise click.UsageError("name what to change; --help lists the options")
    print_values(describe(get_state().clients.update(client_id, **changes)), as_json)


@clients.command("rotate-secret")
@client_id_argument
@click.option(
    "--grace",
    type=int,
    default=0,
    metavar="SECONDS",
    help="How long the old secret opens too.",
)
@click.option(
    "--secret-expires-at",
    callback=_moment,
    metavar="ISO8601",
    help="When the new secret stops working; never, where left out.",
)
@as_json_option
def rotate_secret(
    client_id: str, grace: int, secret_expires_at: datetime | None, as_json: bool
) -> None:
    """Give a client a new secret, and show it this once."""
    rotated = get_state().clients.rotate_secret(client_id, grace, secret_expires_at)
    _print_secret(rotated, as_json)


@clients.command()
@client_id_argument
@as_json_option
def disable(client_id: str, as_json: bool) -> None:
    """Shut a client and its tokens out until it is enabled."""
    print_values(describe(get_state().clients.disable(client_id)), as_json)


@clients.command()
@client_id_argument
@as_json_option
def enable(client_id: str, as_json: bool) -> None:
    """Let a disabled client in again."""
    print_values(describe(get_state().clients.enable(client_id)), as_json)


@clients.command()
@client_id_argument
@as_json_option
def delete(client_id: str, as_json: bool) -> None:
    """Delete a client and its tokens for good."""
    get_state().clients.delete(client_id)
    print_values({"client_id": client_id, "deleted": True}, as_json)


def _print_secret(registered: RegisteredClient, as_json: bool) -> None:
    shown = {
        "client_id": registered.client_id,
        "client_secret": registered.client_secret,
    }
    print_values({**shown, **describe(registered.client)}, as_json)
    if not as_json and registered.client_secret is not None:
        note("keep the secret: it is not stored, and is not shown again.")
