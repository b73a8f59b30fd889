"""``flask tapauth keys``: the keys that sign access tokens."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from .._keys import ALGORITHMS, generate_key, read_key_set
from .._state import get_state
from ..errors import RegistrationError
from .group import commands
from .shared import as_json_option, note, print_json

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
# One thumbprint in 64 begins as an option does.
_BY_KID = {"ignore_unknown_options": True}


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
    with _changing(file, makes=True) as members:
        is_first = not members
        members.append(key)
    if as_json:
        print_json({"kid": key["kid"], "alg": algorithm, "file": str(file)})
    else:
        click.echo(f"{key['kid']}  {algorithm}")
    if not is_first:
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


@keys.command(context_settings=_BY_KID)
@click.argument("kid", metavar="KID")
@_file
@as_json_option
def promote(kid: str, file: Path, as_json: bool) -> None:
    """Put a key at the head of the key set in FILE, so that it signs."""
    with _changing(file) as members:
        chosen = _chosen(kid, members)
        if "d" not in chosen and "k" not in chosen:
            raise RegistrationError("this is a public key, which cannot sign")
        members.remove(chosen)
        members.insert(0, chosen)
    _say(kid, file, as_json, "signs")


@keys.command(context_settings=_BY_KID)
@click.argument("kid", metavar="KID")
@_file
@as_json_option
def remove(kid: str, file: Path, as_json: bool) -> None:
    """Take a key out of the key set in FILE; its tokens open nothing any more."""
    with _changing(file) as members:
        chosen = _chosen(kid, members)
        if chosen is members[0]:
            raise RegistrationError("this key signs; promote another one first")
        members.remove(chosen)
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


@contextmanager
def _changing(file: Path, makes: bool = False) -> Iterator[list[dict[str, Any]]]:
    """Lend the keys in a file, with all their members, and write what became of them.

    Who changes the same file at the same time waits.

    :param makes: begin a file where there is none, or nothing in it.
    """
    try:
        # The file itself, where the path is a link to it.
        target = file.resolve()
        with _locked(target.parent):
            members = _read(target, makes)
            yield members
            _write(target, members)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        reason = getattr(error, "strerror", None) or "it cannot be reached"
        raise RegistrationError(f"{file}: {reason}") from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(file: Path, makes: bool) -> list[dict[str, Any]]:
    if makes and not (file.exists() and file.read_bytes().strip()):
        return []
    text = file.read_bytes()
    try:
        read_key_set(text, ALGORITHMS)
    except ValueError as error:
        raise RegistrationError(f"{file} is no key set: {error}") from None
    members: list[dict[str, Any]] = json.loads(text)["keys"]
    return members


def _write(file: Path, members: list[dict[str, Any]]) -> None:
    """Replace a file at once, readable to its owner alone: it has private keys."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "w") as new:
            json.dump({"keys": members}, new, indent=2)
            new.write("\n")
        if file.exists():
            # Whoever could read it, the server perhaps, still can.
            before = file.stat()
            os.chown(name, before.st_uid, before.st_gid)
            os.chmod(name, before.st_mode)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
