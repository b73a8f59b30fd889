"""``flask tapauth clients create`` and ``update``."""

from __future__ import annotations

from typing import Any

import click

from .._app.app_state import get_app_state
from .client_members import describe
from .clients import clients, print_secret
from .files import read_file, read_secret
from .options import (
    as_json_option,
    client_id_argument,
    read_date,
    read_duration,
    scopes_option,
)
from .output import print_values

_DEFAULT = object()
"""The value of an option that sets a default again: None means "not given"."""


def _date_or_never(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> object:
    return _DEFAULT if value == "never" else read_date(ctx, param, value)


def _duration_or_default(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> object:
    return _DEFAULT if value == "default" else read_duration(ctx, param, value)


def _text_or_default(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> object:
    return _DEFAULT if value == "default" else value


def _networks_or_any(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> object:
    return _DEFAULT if value == ("any",) else value


def _read_pairs(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> dict[str, str]:
    columns = {}
    for pair in value:
        name, equals, text = pair.partition("=")
        if not equals:
            message = f"{pair!r} is no COLUMN=VALUE; write it as owner=ann"
            raise click.BadParameter(message, ctx, param)
        columns[name] = text
    return columns


_grant_types_option = click.option(
    "--grant-type",
    "grant_types",
    multiple=True,
    metavar="GRANT_TYPE",
    help="Grant type the client may use, for example authorization_code. Repeatable.",
)
_redirect_uris_option = click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    metavar="URI",
    help="URI to send users back to; must match exactly. On loopback, one without a "
    "port matches any port. Repeatable.",
)
_jwks_option = click.option(
    "--jwks",
    callback=read_file,
    metavar="FILE",
    help="File with its public keys, a JWK set. It signs instead of using a secret.",
)
_jwks_uri_option = click.option(
    "--jwks-uri",
    metavar="URL",
    help="URL where it publishes its public keys, instead of --jwks.",
)
_columns_option = click.option(
    "--set",
    "columns",
    multiple=True,
    callback=_read_pairs,
    metavar="COLUMN=VALUE",
    help="Value of a column that your client model adds; no VALUE is null. Repeatable.",
)


@clients.command()
@click.argument("name", metavar="NAME")
@click.option("--client-id", metavar="CLIENT_ID", help="Generated if you leave it out.")
@click.option(
    "--client-secret-file",
    "client_secret",
    callback=read_secret,
    metavar="FILE",
    help="File with a secret you chose; - is standard input. A safer secret is "
    "generated if you leave it out.",
)
@click.option(
    "--public", is_flag=True, help="Register a client without a secret (RFC 6749 2.1)."
)
@_grant_types_option
@scopes_option
@_redirect_uris_option
@click.option(
    "--expires-in",
    callback=read_duration,
    metavar="DURATION",
    help="Lifetime of its access tokens, as 3600 or 12h. The app's setting if you "
    "leave it out.",
)
@click.option(
    "--secret-expires-at",
    callback=read_date,
    metavar="DATE",
    help="When its secret and tokens expire, in ISO 8601; UTC unless it names a zone.",
)
@click.option(
    "--resource-server",
    is_flag=True,
    help="Let it introspect the tokens of other clients.",
)
@click.option(
    "--resource",
    metavar="URI",
    help="Resource whose tokens it introspects. This app if you leave it out.",
)
@click.option(
    "--skip-consent",
    is_flag=True,
    help="Do not ask users for consent: the client is your own.",
)
@_jwks_option
@_jwks_uri_option
@click.option(
    "--allow-network",
    "allowed_networks",
    multiple=True,
    metavar="CIDR",
    help="Network it and its tokens may be used from, as 192.0.2.0/24. Repeatable.",
)
@click.option(
    "--keep-refresh-token",
    is_flag=True,
    help="Let it use one refresh token again and again. Otherwise each is used once.",
)
@_columns_option
@as_json_option
def create(
    name: str,
    grant_types: tuple[str, ...],
    columns: dict[str, str],
    as_json: bool,
    **options: Any,
) -> None:
    """Register a client and show its secret once.

    \b
    Examples:
      flask tapauth clients create "Nightly report" --scope orders:read
      flask tapauth clients create "Order page" --public \\
          --grant-type authorization_code --redirect-uri https://orders.example/back
    """
    state = get_app_state()
    created = state.clients.create(
        name,
        grant_types=grant_types or ("client_credentials",),
        **options,
        **state.store.client_columns.read_text(columns),
    )
    print_secret(created, as_json)


@clients.command()
@client_id_argument
@click.option("--name", metavar="NAME", help="Name that people see.")
@_grant_types_option
@scopes_option
@_redirect_uris_option
@click.option(
    "--expires-in",
    callback=_duration_or_default,
    metavar="DURATION|default",
    help="Lifetime of the access tokens issued from now on.",
)
@click.option(
    "--secret-expires-at",
    callback=_date_or_never,
    metavar="DATE|never",
    help="When its secret and tokens expire, in ISO 8601; UTC unless it names a zone.",
)
@click.option(
    "--resource-server/--no-resource-server",
    default=None,
    help="Let it introspect the tokens of other clients, or no longer.",
)
@click.option(
    "--resource",
    callback=_text_or_default,
    metavar="URI|default",
    help="Resource whose tokens it introspects; default is this app.",
)
@click.option(
    "--skip-consent/--no-skip-consent",
    default=None,
    help="Do not ask users for consent, or ask them again.",
)
@_jwks_option
@_jwks_uri_option
@click.option(
    "--allow-network",
    "allowed_networks",
    multiple=True,
    callback=_networks_or_any,
    metavar="CIDR|any",
    help="Network it and its tokens may be used from. Repeatable.",
)
@click.option(
    "--keep-refresh-token/--no-keep-refresh-token",
    default=None,
    help="Let it use one refresh token again and again, or a new one each time.",
)
@_columns_option
@as_json_option
def update(
    client_id: str, columns: dict[str, str], as_json: bool, **options: Any
) -> None:
    """Change a client's registration.

    An option replaces the old value: --scope, --grant-type and --redirect-uri replace
    the whole list, --jwks and --jwks-uri the secret or the old keys. Values without an
    option stay as they are.

    \b
    Examples:
      flask tapauth clients update nightly-report --scope "orders:read items:read"
      flask tapauth clients update nightly-report --secret-expires-at never
    """
    changes = {
        name: None if value is _DEFAULT else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    if not changes and not columns:
        raise click.UsageError(
            "nothing to change; name an option such as --scope, or see --help"
        )
    state = get_app_state()
    values = state.store.client_columns.read_text(columns)
    client = state.clients.update(client_id, **changes, **values)
    print_values(describe(client), as_json)
