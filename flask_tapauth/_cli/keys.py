"""``flask tapauth keys``: the keys that sign access tokens."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

from .._keys import ALGORITHMS, generate_key, read_key_set
from .._state import get_state
from ..errors import RegistrationError
from .group import commands
from .shared import as_json_option, note, print_json

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@commands.group("keys")
def keys() -> None:
    """Make and rotate the keys that sign JWT access tokens."""


@keys.command()
@click.option(
    "--alg",
    "algorithm",
    type=click.Choice(ALGORITHMS),
    default="ES256",
    show_default=True,
    help="What it signs by.",
)
@click.option(
    "--append",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Put it at the end of this key set, which is made where there is none.",
)
@as_json_option
def generate(algorithm: str, file: Path | None, as_json: bool) -> None:
    """Make a private key, and print it as a JWK set or append it to one."""
    key = generate_key(algorithm)
    if file is None:
        print_json({"keys": [key]})
        return
    members = _read(file) if file.exists() else []
    _write(file, [*members, key])
    if as_json:
        print_json({"kid": key["kid"], "alg": algorithm, "file": str(file)})
    else:
        click.echo(f"{key['kid']}  {algorithm}")
    if members:
        note("it verifies; `keys promote` lets it sign, once every process knows it.")


@keys.command("list")
@as_json_option
def list_keys(as_json: bool) -> None:
    """List the keys that this app was started with; the first signs."""
    key_set = get_state().config.jwt_keys
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
        note("TAPAUTH_JWT_KEYS is not set.")


@keys.command()
@click.argument("kid", metavar="KID")
@_file
@as_json_option
def promote(kid: str, file: Path, as_json: bool) -> None:
    """Put a key at the head of the key set in FILE, so that it signs."""
    members = _read(file)
    chosen = _chosen(kid, members)
    _write(file, [chosen, *(key for key in members if key is not chosen)])
    _say(kid, file, as_json, "signs")


@keys.command()
@click.argument("kid", metavar="KID")
@_file
@as_json_option
def remove(kid: str, file: Path, as_json: bool) -> None:
    """Take a key out of the key set in FILE; its tokens open nothing any more."""
    members = _read(file)
    chosen = _chosen(kid, members)
    if chosen is members[0]:
        raise RegistrationError("this key signs; promote another one first")
    _write(file, [key for key in members if key is not chosen])
    _say(kid, file, as_json, "removed")


def _say(kid: str, file: Path, as_json: bool, done: str) -> None:
    if as_json:
        print_json({"kid": kid, "file": str(file), "use": done})
    else:
        click.echo(f"{kid}  {done}")


def _chosen(kid: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Find a key by its `kid`, the thumbprint where it has no name."""
    key_set = read_key_set({"keys": members}, ALGORITHMS)
    for key, member in zip(key_set.keys, members, strict=True):
        if key.kid == kid:
            return member
    known = ", ".join(key.kid for key in key_set.keys)
    raise RegistrationError(f"there is no key {kid!r}; there are {known}")


def _read(file: Path) -> list[dict[str, Any]]:
    """Return the keys in a file, with all their members."""
    try:
        text = file.read_text()
        read_key_set(text, ALGORITHMS)
    except OSError as error:
        raise RegistrationError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise RegistrationError(f"{file} is no key set: {error}") from None
    members: list[dict[str, Any]] = json.loads(text)["keys"]
    return members


def _write(file: Path, members: list[dict[str, Any]]) -> None:
    """Replace a file at once, readable to its owner alone: it has private keys."""
    # The file itself, where the path is a link to it.
    target = file.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        with os.fdopen(handle, "w") as new:
            json.dump({"keys": members}, new, indent=2)
            new.write("\n")
        if target.exists():
            # Whoever could read it, the server perhaps, still can.
            before = target.stat()
            os.chown(name, before.st_uid, before.st_gid)
            os.chmod(name, before.st_mode)
        os.replace(name, target)
    except OSError as error:
        raise RegistrationError(f"{file}: {error.strerror}") from None
