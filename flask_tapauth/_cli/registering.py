"""``flask tapauth clients create``."""

from __future__ import annotations

from typing import Any

import click

from .._app.app_state import get_app_state
from .client_options import (
    columns_option,
    grant_types_option,
    jwks_option,
    jwks_uri_option,
    read_host_columns,
    redirect_uris_option,
)
from .clients import clients, print_secret
from .files import read_secret
from .options import as_json_option, read_date, read_duration, scopes_option
from .output import note


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
@grant_types_option
@scopes_option
@redirect_uris_option
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
@jwks_option
@jwks_uri_option
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
@columns_option
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
    created = get_app_state().clients.create(
        name,
        grant_types=grant_types or ("client_credentials",),
        **options,
        **read_host_columns(columns),
    )
    print_secret(created, as_json)
    if not created.client.scopes and get_app_state().config.scopes is not None:
        note("the client has no scope, so views that ask for one refuse it.")
