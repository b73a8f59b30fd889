"""``flask tapauth clients update``."""

from __future__ import annotations

from typing import Any

import click

from .._app.app_state import get_app_state
from .client_members import describe
from .client_options import (
    columns_option,
    grant_types_option,
    jwks_option,
    jwks_uri_option,
    read_host_columns,
    redirect_uris_option,
)
from .clients import clients
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


@clients.command()
@client_id_argument
@click.option("--name", metavar="NAME", help="Name that people see.")
@grant_types_option
@scopes_option
@redirect_uris_option
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
@jwks_option
@jwks_uri_option
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
@columns_option
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
    values = read_host_columns(columns)
    client = get_app_state().clients.update(client_id, **changes, **values)
    print_values(describe(client), as_json)
