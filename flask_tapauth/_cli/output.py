"""How all commands print, and how they ask for confirmation."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click


def iso8601(timestamp: int | None) -> str | None:
    if timestamp is None:
        return None
    return datetime.fromtimestamp(timestamp, UTC).isoformat().replace("+00:00", "Z")


def print_values(values: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        click.echo(f"{name:{width}}  {_plain(value)}")


def print_table(
    rows: Sequence[Mapping[str, Any]],
    as_json: bool,
    if_empty: str,
    colour: Callable[[str, str], str | None] = lambda column, cell: None,
) -> None:
    """Print JSON, or a line for each row; on a terminal, aligned and with a header.

    :param if_empty: a note to print when there are no rows.
    :param colour: returns the colour that a cell has on a terminal.
    """
    if as_json:
        print_json(rows)
        return
    if not rows:
        note(if_empty)
        return
    lines = [[_plain(value) for value in row.values()] for row in rows]
    if sys.stdout.isatty():
        names = list(rows[0])
        header = [name.upper() for name in names]
        widths = [max(map(len, each)) for each in zip(header, *lines, strict=True)]
        lines = [
            [
                coloured(cell.ljust(width), colour(name, cell))
                for name, cell, width in zip(names, line, widths, strict=True)
            ]
            for line in lines
        ]
        lines.insert(0, [cell.ljust(w) for cell, w in zip(header, widths, strict=True)])
    for line in lines:
        click.echo("  ".join(line).rstrip())


def coloured(text: str, colour: str | None) -> str:
    """Colour a text; `click.echo` takes the colour off where no terminal reads it."""
    return text if colour is None else click.style(text, fg=colour)


def print_json_array(values: Iterable[Any]) -> None:
    """Print an array as :func:`print_json` does, each value as it comes."""
    separator = "[\n"
    for value in values:
        text = textwrap.indent(json.dumps(value, indent=2), "  ")
        click.echo(f"{separator}{text}", nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[\n" else "\n]")


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def note(text: str) -> None:
    """Print a remark to stderr, so that scripts do not read it as output."""
    click.echo(f"Note: {text}", err=True)


def confirm(question: str, is_sure: bool) -> None:
    """Ask the person at the terminal, if there is one; exit with 1 if they decline."""
    if is_sure or not sys.stdin.isatty():
        return
    if not click.confirm(printable(question), err=True):
        raise click.exceptions.Exit(1)


def printable(text: str) -> str:
    """Escape characters that could control a terminal: clients choose their names."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in text
    )


def _plain(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return json.dumps(value)
    return printable(" ".join(value) if isinstance(value, list) else str(value))
