"""``flask tapauth clients import``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import click

from .._state import get_state
from ..errors import ImportRefusedError
from .clients import clients
from .shared import as_json_option, describe, note, print_json


@clients.command("import")
@click.argument("file", type=click.File("rb"))
@as_json_option
def import_clients(file: BinaryIO, as_json: bool) -> None:
    """Register the clients of FILE, one JSON object in each line; all or none.

    Their members are those that `create --json` prints, or those of RFC 7591. Plain
    secrets are hashed; where there is none, one is made and shown this once. A FILE of
    - is the standard input.
    """
    try:
        imported = get_state().clients.import_many(file, _show_progress)
    except ImportRefusedError as error:
        click.echo(str(error), err=True)
        raise click.exceptions.Exit(2) from None
    made = [one for one in imported if one.client_secret is not None]
    if as_json:
        print_json(
            [
                {**describe(one.client), "client_secret": one.client_secret}
                for one in imported
            ]
        )
        return
    for one in made:
        click.echo(f"{one.client_id}  {one.client_secret}")
    click.echo(f"{len(imported)} imported")
    if made:
        note("keep the secrets: they are not stored, and are not shown again.")


def _show_progress(items: Sequence[Any]) -> Iterable[Any]:
    return _bar(items) if sys.stderr.isatty() else items


def _bar(items: Sequence[Any]) -> Iterator[Any]:
    with click.progressbar(items, label="Hashing secrets", file=sys.stderr) as bar:
        yield from bar
