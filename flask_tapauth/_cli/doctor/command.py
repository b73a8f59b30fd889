"""``flask tapauth doctor``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

import click
from flask import current_app

from ..._app.app_state import AppState, get_app_state
from ..._resource.guarded_routes import guarded_routes
from ...errors import TemporarilyUnavailableError
from ..group import commands
from ..options import as_json_option
from ..output import coloured, print_table, printable
from . import clients, database, locations, settings
from .asking import ask
from .https import https
from .remarks import Check, Finding, Remark, Subject

_CHECKS: Final[dict[str, Check]] = {
    "issuer": settings.issuer,
    "secret_key": settings.secret_key,
    "database": database.database,
    "tables": database.tables,
    "https": https,
    "token_locations": locations.token_locations,
    "rate_limit": settings.rate_limit,
    "cache": database.cache,
    "keys": settings.keys,
    "expired_rows": database.expired_rows,
    "expiring_secrets": clients.expiring_secrets,
    "unused_clients": clients.unused_clients,
}
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "tables": ("database",),
    "expired_rows": ("database", "tables"),
    "expiring_secrets": ("database", "tables"),
    "unused_clients": ("database", "tables"),
}
"""The checks that must have passed before, so that one fault is named once."""

_COLOURS: Final = {"ok": "green", "warning": "yellow", "error": "red"}


def _read_url(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> SplitResult | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError if it is not a port
    except ValueError:
        parts = urlsplit("")
    if "@" in parts.netloc:
        raise click.BadParameter(
            "a server has no user name and no password; leave them out", ctx, param
        )
    is_plain = value.isascii() and value.isprintable() and " " not in value
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or not is_plain
    ):
        raise click.BadParameter(
            "this is no URL of a server; write it as https://orders.example.com",
            ctx,
            param,
        )
    return parts


@commands.command("doctor")
@click.option(
    "--url",
    callback=_read_url,
    metavar="URL",
    help="Also ask the running server at this URL which headers arrive.",
)
@as_json_option
def doctor(url: SplitResult | None, as_json: bool) -> None:
    """Check this app as an operator would before going live.

    Each check is ok, a warning or an error, and says what to do. The exit code is 1 if
    there is an error. The signal secret_expiring is sent for each client whose secret
    expires within 14 days.

    With --url, the doctor sends an invalid token to a guarded view, and reads from the
    refusal whether the header arrived. Run it with the settings of the server.

    \b
    Examples:
      flask tapauth doctor
      flask tapauth doctor --url https://orders.example.com --json
    """
    findings = list(_examine(get_app_state(), url))
    if as_json or not sys.stdout.isatty():
        print_table([each._asdict() for each in findings], as_json, "")
    else:
        for each in findings:
            _print_wrapped(each)
    if any(each.level == "error" for each in findings):
        raise click.exceptions.Exit(1)


def _examine(state: AppState, url: SplitResult | None) -> Iterator[Finding]:
    answers = None
    if url is not None:
        routes = guarded_routes(current_app)
        answers = ask(url, routes, state.config.token_locations)
    subject = Subject(state, answers)
    failed: set[str] = set()
    for name, check in _CHECKS.items():
        if failed.intersection(_NEEDS.get(name, ())):
            remarks = [Remark("warning", "Not checked: the database must work first.")]
        else:
            try:
                remarks = list(check(subject))
            except TemporarilyUnavailableError:
                remarks = [
                    Remark("warning", "Not checked: the database failed. Try again.")
                ]
        finding = Finding.of(name, remarks)
        if finding.level == "error":
            failed.add(name)
        yield finding


def _print_wrapped(finding: Finding) -> None:
    """Print a finding on a terminal, its message beside its name."""
    indent = max(map(len, _CHECKS)) + len("warning") + 4
    width = max(shutil.get_terminal_size().columns - indent, 40)
    level = coloured(finding.level.ljust(len("warning")), _COLOURS[finding.level])
    message = click.wrap_text(printable(finding.message), width)
    click.echo(
        f"{finding.check.ljust(max(map(len, _CHECKS)))}  {level}  "
        + message.replace("\n", "\n" + " " * indent)
    )
