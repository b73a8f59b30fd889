"""``flask tapauth routes``."""

from __future__ import annotations

import difflib

import click
from flask import current_app

from .._app.app_state import get_app_state
from .._resource.guarded_routes import guarded_routes
from .group import commands
from .options import as_json_option
from .output import print_table


@commands.command("routes")
@click.option(
    "--fail-on-open",
    is_flag=True,
    help="Exit with 1 if a route is open. Flask's own `static` is open: allow it.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="ENDPOINT",
    help="Endpoint that may be open, with --fail-on-open. Repeatable.",
)
@as_json_option
def routes(fail_on_open: bool, allowed: tuple[str, ...], as_json: bool) -> None:
    """List all routes of this app with their guards.

    A guard is required, optional or open. Scopes are those that a token must have; of
    ANY_OF it must have one. UNKNOWN_SCOPES are not in TAPAUTH_SCOPES, so no token can
    have them. A call of verify_token() inside a view is not seen. The command needs no
    database.

    \b
    Examples:
      flask tapauth routes
      flask tapauth routes --fail-on-open --allow static --allow healthz
    """
    if allowed and not fail_on_open:
        raise click.UsageError("--allow: has no effect without --fail-on-open; add it")
    _check_endpoints(allowed)
    known = get_app_state().config.scopes
    found = guarded_routes(current_app)
    rows = [
        {
            "endpoint": route.rule.endpoint,
            "rule": route.rule.rule,
            "methods": list(route.methods),
            "guard": route.guard,
            "scopes": list(route.scopes),
            "any_of": list(route.any_of),
            "unknown_scopes": route.unknown_scopes(known),
        }
        for route in found
    ]
    print_table(rows, as_json, "this app has no routes.", _colour)
    left_open = sorted(
        {str(route.rule.endpoint) for route in found if route.guard == "open"}
        - {*allowed}
    )
    if fail_on_open and left_open:
        raise click.ClickException(
            f"open: {', '.join(left_open)}; put @require_token on the views, or allow "
            "them with --allow"
        )


def _check_endpoints(names: tuple[str, ...]) -> None:
    """Refuse a name that no endpoint has: a new view of that name would be allowed."""
    known = {str(rule.endpoint) for rule in current_app.url_map.iter_rules()}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "leave it out"
            raise click.UsageError(f"--allow: there is no endpoint {name!r}; {hint}")


def _colour(column: str, cell: str) -> str | None:
    if column == "unknown_scopes":
        return None if cell == "-" else "red"
    if column == "guard":
        return {"open": "red", "optional": "yellow"}.get(cell)
    return None
