"""Options of ``clients create`` that ``clients update`` takes too."""

from __future__ import annotations

from typing import Any

import click

from .._app.app_state import get_app_state
from .._clients.column_names import check_column_names
from ..errors import RegistrationError
from .files import read_file


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


def read_host_columns(texts: dict[str, str]) -> dict[str, Any]:
    """Return values of the host's columns; our own columns have options of their own.

    :raises RegistrationError: there is no such column, or a value does not fit.
    """
    store = get_app_state().store
    try:
        check_column_names(texts, store, our_names=())
        return store.client_columns.read_text(texts)
    except RegistrationError as error:
        raise RegistrationError(error.reason, "columns") from None


grant_types_option = click.option(
    "--grant-type",
    "grant_types",
    multiple=True,
    metavar="GRANT_TYPE",
    help="Grant type the client may use, for example authorization_code. Repeatable.",
)
redirect_uris_option = click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    metavar="URI",
    help="URI to send users back to; must match exactly. On loopback, one without a "
    "port matches any port. Repeatable.",
)
jwks_option = click.option(
    "--jwks",
    callback=read_file,
    metavar="FILE",
    help="File with its public keys, a JWK set. It signs instead of using a secret.",
)
jwks_uri_option = click.option(
    "--jwks-uri",
    metavar="URL",
    help="URL where it publishes its public keys, instead of --jwks.",
)
columns_option = click.option(
    "--set",
    "columns",
    multiple=True,
    callback=_read_pairs,
    metavar="COLUMN=VALUE",
    help="Value of a column that your client model adds; no VALUE is null. Repeatable.",
)
