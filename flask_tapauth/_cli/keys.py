"""``flask tapauth keys``: the keys that sign access tokens."""

from __future__ import annotations

from pathlib import Path

import click

from .._app.app_state import get_app_state
from .._base.keys import ALGORITHMS
from .group import commands
from .options import as_json_option, yes_option
from .output import confirm, note, print_json, print_table, print_values

_file_argument = click.argument(
    "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path)
)
# Otherwise Click takes a key id that begins with "-" for an option.
_KID_SETTINGS = {"ignore_unknown_options": True}


@commands.group("keys")
def keys() -> None:
    """Generate and rotate the keys that sign JWT access tokens."""


@keys.command()
@click.option(
    "--alg",
    type=click.Choice(ALGORITHMS),
    default="ES256",
    show_default=True,
    help="Algorithm that the key signs with.",
)
@click.option(
    "--append",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add the key to the end of this key set. Creates the file if it is missing.",
)
@as_json_option
def generate(alg: str, file: Path | None, as_json: bool) -> None:
    """Generate a private key, for TAPAUTH_JWT_KEYS.

    Prints the key as a JWK set, or appends it to a file that has one.

    \b
    Examples:
      flask tapauth keys generate --append /etc/orders/keys.json
      flask tapauth keys generate --alg RS256
    """
    key = get_app_state().keys.generate(alg, append=file)
    if file is None:
        print_json({"keys": [key]})
        return
    print_values({"kid": key["kid"], "alg": alg, "file": str(file)}, as_json)
    note(
        "the first key of a file signs, the others only verify. Restart every process, "
        "then let a new key sign with `keys promote`."
    )


@keys.command("list")
@as_json_option
def list_keys(as_json: bool) -> None:
    """List the keys that this app uses; the first one signs.

    \b
    Examples:
      flask tapauth keys list
    """
    print_table(
        [key._asdict() for key in get_app_state().keys.list()],
        as_json,
        "TAPAUTH_JWT_KEYS is not set; `flask tapauth keys generate` makes a key.",
    )


@keys.command(context_settings=_KID_SETTINGS)
@click.argument("kid", metavar="KID")
@_file_argument
@as_json_option
def promote(kid: str, file: Path, as_json: bool) -> None:
    """Move a key to the head of FILE, so that it signs.

    Restart every process afterwards: keys are read when the app starts.

    \b
    Examples:
      flask tapauth keys promote 2026-11 /etc/orders/keys.json
    """
    get_app_state().keys.promote(kid, file)
    print_values({"kid": kid, "file": str(file), "use": "signs"}, as_json)


@keys.command(context_settings=_KID_SETTINGS)
@click.argument("kid", metavar="KID")
@_file_argument
@yes_option
@as_json_option
def remove(kid: str, file: Path, is_sure: bool, as_json: bool) -> None:
    """Remove a key from FILE.

    Once every process has restarted, the tokens that the key signed are refused.

    \b
    Examples:
      flask tapauth keys remove 2026-05 /etc/orders/keys.json
    """
    confirm(f"Remove the key {kid!r}? The tokens that it signed end.", is_sure)
    get_app_state().keys.remove(kid, file)
    print_values({"kid": kid, "file": str(file), "use": "removed"}, as_json)
