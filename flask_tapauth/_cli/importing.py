"""``flask tapauth clients import``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import click

from .._app.app_state import get_app_state
from ..errors import ImportRefusedError
from .client_members import describe
from .clients import clients
from .options import as_json_option
from .output import note, print_json, printable


@clients.command("import")
@click.argument("file", metavar="FILE", type=click.File("rb"))
@as_json_option
def import_clients(file: BinaryIO, as_json: bool) -> None:
    """Register the clients in FILE: all of them, or none.

    FILE holds one JSON object per line, or the array that `clients list --json`
    prints. Members are named as `clients create --json` prints them, or as in RFC
    7591. Plain secrets are stored as hashes. A client without a secret gets a new one,
    which is shown once. Use - to read standard input.

    \b
    Examples:
      flask tapauth clients import clients.jsonl
      flask tapauth clients import - < clients.json
    """
    try:
        imported = get_app_state().clients.import_many(file, _show_progress)
    except ImportRefusedError as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(2) from None
    if as_json:
        print_json(
            [
                {**describe(each.client), "client_secret": each.client_secret}
                for each in imported
            ]
        )
        return
    with_new_secret = [each for each in imported if each.client_secret is not None]
    for each in with_new_secret:
        click.echo(f"{printable(each.client_id)}  {each.client_secret}")
    click.echo(f"{len(imported)} imported")
    if with_new_secret:
        note("keep the secrets: they are not stored, and are not shown again.")


def _show_progress(items: Sequence[Any]) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label="Hashing secrets", file=sys.stderr) as bar:
        yield from bar
