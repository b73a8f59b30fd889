"""``flask tapauth keys``: the keys that sign access tokens."""

from __future__ import annotations

from pathlib import Path

import click

from .._app.app_state import get_app_state
from .._base.keys import ALGORITHMS, generate_key
from ..errors import RegistrationError
from .group import commands
from .key_files import edit_key_file, find_key
from .options import as_json_option
from .output import note, print_json

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
    "algorithm",
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
def generate(algorithm: str, file: Path | None, as_json: bool) -> None:
    """Generate a private key, for TAPAUTH_JWT_KEYS.

    Prints the key as a JWK set, or appends it to a file that has one.

    \b
    Examples:
      flask tapauth keys generate --append /etc/orders/keys.json
      flask tapauth keys generate --alg RS256
    """
    key = generate_key(algorithm)
    if file is None:
        print_json({"keys": [key]})
        return
    with edit_key_file(file, create=True) as members:
        is_first = not members
        members.append(key)
    if as_json:
        print_json({"kid": key["kid"], "alg": algorithm, "file": str(file)})
    else:
        click.echo(f"{key['kid']}  {algorithm}")
    if not is_first:
        note(
            "the new key does not sign yet. Restart every process, then run "
            "`flask tapauth keys promote`."
        )


@keys.command("list")
@as_json_option
def list_keys(as_json: bool) -> None:
    """List the keys that this app uses; the first one signs.

    \b
    Examples:
      flask tapauth keys list
    """
    key_set = get_app_state().config.jwt_keys
    found = [
        {
            "kid": key.kid,
            "alg": key.algorithms[0],
            "kty": key.as_dict(private=False)["kty"],
            "use": "verifies" if number else "signs",
        }
        for number, key in enumerate(key_set.keys if key_set else ())
    ]
    if as_json:
        print_json(found)
        return
    for key in found:
        click.echo("  ".join(key.values()))
    if not found:
        note("TAPAUTH_JWT_KEYS is not set; `flask tapauth keys generate` makes a key.")


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
    with edit_key_file(file) as members:
        key = find_key(kid, members)
        if "d" not in key and "k" not in key:
            raise RegistrationError(
                "this is a public key, which cannot sign; name a private key", "kid"
            )
        members.remove(key)
        members.insert(0, key)
    _report(kid, file, as_json, "signs")


@keys.command(context_settings=_KID_SETTINGS)
@click.argument("kid", metavar="KID")
@_file_argument
@as_json_option
def remove(kid: str, file: Path, as_json: bool) -> None:
    """Remove a key from FILE.

    Once every process has restarted, the tokens that the key signed are refused.

    \b
    Examples:
      flask tapauth keys remove 2026-05 /etc/orders/keys.json
    """
    with edit_key_file(file) as members:
        key = find_key(kid, members)
        if key is members[0]:
            raise RegistrationError(
                "this is the key that signs; promote another key first", "kid"
            )
        members.remove(key)
    _report(kid, file, as_json, "removed")


def _report(kid: str, file: Path, as_json: bool, use: str) -> None:
    if as_json:
        print_json({"kid": kid, "file": str(file), "use": use})
    else:
        click.echo(f"{kid}  {use}")
