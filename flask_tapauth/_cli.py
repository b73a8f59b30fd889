"""``flask tapauth``: a thin face over what the extension does from code."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import AppGroup

from ._clients import RegisteredClient
from ._state import get_state
from .errors import (
    RegistrationError,
    TemporarilyUnavailableError,
    UnknownClientError,
)
from .models import ClientMixin


class _WrongInput(click.ClickException):
    """Click's own usage errors say it in four lines."""

    exit_code = 2


class _Group(AppGroup):
    """Turns what can go wrong into one line: 2 for wrong input, 1 for the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            message = error.format_message()
            if "\n" in message:
                raise  # a command group's help, asked for by giving no command
            raise _WrongInput(message) from None
        except RegistrationError as error:
            raise _WrongInput(str(error)) from None
        except UnknownClientError as error:
            raise click.ClickException(str(error)) from None
        except TemporarilyUnavailableError:
            raise click.ClickException(
                "the database cannot be used: is it up, and are the tables there "
                "(your migrations, or db.create_all())?"
            ) from None


commands = _Group("tapauth", help="Clients and tokens of this app's OAuth server.")


@commands.group("clients")
def clients() -> None:
    """Register clients and change them."""


@commands.group("tokens")
def tokens() -> None:
    """Issue access tokens."""


@commands.group("consents")
def consents() -> None:
    """See what people let clients have, and take it back."""


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


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_client_id = click.argument("client_id", metavar="CLIENT_ID")
_grant_types = click.option(
    "--grant-type",
    "grant_types",
    multiple=True,
    metavar="G",
    help="A grant it may use; may be repeated.",
)
_scopes = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="S",
    help="A scope, or several separated by spaces; may be repeated.",
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
@_scopes
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
@_as_json
def create(
    name: str, grant_types: tuple[str, ...], as_json: bool, **values: Any
) -> None:
    """Register a client, and show its secret this once."""
    registered = get_state().clients.register(
        name,
        grant_types=grant_types or ("client_credentials",),
        columns={},
        **values,
    )
    client = registered.client
    if client.is_public and "client_credentials" in client.grant_types:
        _note("a public client can get no token by client_credentials.")
    if client.is_expired():
        _note("the secret has expired already.")
    _print_secret(registered, as_json)


@clients.command("list")
@_as_json
def list_clients(as_json: bool) -> None:
    """List the clients, the oldest first."""
    found = get_state().clients.list()
    if as_json:
        _print_json([_described(client) for client in found])
        return
    for client in found:
        state = "" if _state_of(client) == "active" else f"  ({_state_of(client)})"
        click.echo(f"{client.client_id}  {client.client_name}{state}")


@clients.command()
@_client_id
@_as_json
def show(client_id: str, as_json: bool) -> None:
    """Show a client, all but its secret, which nobody can."""
    _print(_described(get_state().clients.get(client_id)), as_json)


@clients.command()
@_client_id
@click.option("--name", "client_name")
@_grant_types
@_scopes
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
@_as_json
def update(client_id: str, as_json: bool, **options: Any) -> None:
    """Change a client: what is named is replaced, all else stays."""
    changes = {
        name: None if value is _CLEARED else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    if not changes:
        raise click.UsageError("name what to change; --help lists the options")
    _print(_described(get_state().clients.update(client_id, **changes)), as_json)


@clients.command("rotate-secret")
@_client_id
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
@_as_json
def rotate_secret(
    client_id: str, grace: int, secret_expires_at: datetime | None, as_json: bool
) -> None:
    """Give a client a new secret, and show it this once."""
    rotated = get_state().clients.rotate_secret(client_id, grace, secret_expires_at)
    _print_secret(rotated, as_json)


@clients.command()
@_client_id
@_as_json
def disable(client_id: str, as_json: bool) -> None:
    """Shut a client and its tokens out until it is enabled."""
    _print(_described(get_state().clients.disable(client_id)), as_json)


@clients.command()
@_client_id
@_as_json
def enable(client_id: str, as_json: bool) -> None:
    """Let a disabled client in again."""
    _print(_described(get_state().clients.enable(client_id)), as_json)


@clients.command()
@_client_id
@_as_json
def delete(client_id: str, as_json: bool) -> None:
    """Delete a client and its tokens for good."""
    get_state().clients.delete(client_id)
    _print({"client_id": client_id, "deleted": True}, as_json)


@tokens.command()
@_client_id
@_scopes
@click.option("--expires-in", type=int, metavar="SECONDS", help="Life of the token.")
@_as_json
def issue(
    client_id: str, scopes: tuple[str, ...], expires_in: int | None, as_json: bool
) -> None:
    """Issue an access token for a client, and show it this once."""
    state = get_state()
    client = state.clients.get(client_id)
    _print(state.issuer.issue(client, scopes or None, None, expires_in), as_json)


@consents.command("list")
@click.option("--user", "user_id", metavar="USER_ID")
@click.option("--client", "client_id", metavar="CLIENT_ID")
@_as_json
def list_consents(user_id: str | None, client_id: str | None, as_json: bool) -> None:
    """List the consents that are remembered, the oldest first."""
    state = get_state()
    client = None if client_id is None else state.clients.get(client_id)
    found = [
        {
            "user_id": consent.user_id,
            "client_id": consent.client_id,
            "scope": " ".join(consent.scopes),
            "granted_at": _iso8601(consent.granted_at),
        }
        for consent in state.store.consents.list(user_id, client)
    ]
    if as_json:
        _print_json(found)
        return
    for consent in found:
        click.echo("  ".join(str(value) for value in consent.values()))


@consents.command("revoke")
@click.argument("user_id")
@click.option("--client", "client_id", metavar="CLIENT_ID", help="To this one alone.")
@_as_json
def revoke_consents(user_id: str, client_id: str | None, as_json: bool) -> None:
    """Forget what a person allowed, and revoke the tokens they gave."""
    state = get_state()
    client = None if client_id is None else state.clients.get(client_id)
    forgotten = state.store.consents.delete(user_id, client)
    revoked = state.store.tokens.revoke(
        int(time.time()), client=client, user_id=user_id
    )
    _print({"user_id": user_id, "consents": forgotten, "tokens": revoked}, as_json)


def _described(client: ClientMixin) -> dict[str, Any]:
    """A client in the words of RFC 7591 §2 where it has them."""
    return {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "public": client.is_public,
        "grant_types": list(client.grant_types),
        "scope": " ".join(client.scopes),
        "redirect_uris": list(client.redirect_uris),
        "expires_in": client.access_token_expires_in,
        "secret_expires_at": _iso8601(client.secret_expires_at),
        "resource_server": client.is_resource_server,
        "skip_consent": client.skip_consent,
        "state": _state_of(client),
        "created_at": _iso8601(client.created_at),
    }


def _state_of(client: ClientMixin) -> str:
    if client.is_disabled:
        return "disabled"
    return "expired" if client.is_expired() else "active"


def _iso8601(moment: int | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def _print_secret(registered: RegisteredClient, as_json: bool) -> None:
    shown = {
        "client_id": registered.client_id,
        "client_secret": registered.client_secret,
    }
    _print({**shown, **_described(registered.client)}, as_json)
    if not as_json and registered.client_secret is not None:
        _note("keep the secret: it is not stored, and is not shown again.")


def _print(values: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(values)
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
    return str(value)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def _note(text: str) -> None:
    click.echo(f"Note: {text}", err=True)
