"""Edit a file that has a JWK set with private keys."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from .._base.key_reading import read_key_set
from .._base.keys import ALGORITHMS
from ..errors import RegistrationError

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def edit_key_file(file: Path, create: bool = False) -> Iterator[list[dict[str, Any]]]:
    """Yield the keys in a file, and write the list back when the block ends.

    Another process that edits a key file in the same folder waits.

    :param create: start with no keys if the file is missing or empty.
    """
    try:
        # Otherwise a new file would replace a link, and leave its target unchanged.
        target = file.resolve()
        with _locked(target.parent):
            members = _read(target, create)
            yield members
            _write(target, members)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        reason = getattr(error, "strerror", None) or "the link leads to itself"
        raise RegistrationError(
            f"{file} cannot be read or written: {reason}", "file"
        ) from None


def find_key(kid: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Find a key by its `kid`, or by its thumbprint if it has no `kid`."""
    key_set = read_key_set({"keys": members}, ALGORITHMS)
    for key, member in zip(key_set.keys, members, strict=True):
        if key.kid == kid:
            return member
    known = ", ".join(key.kid for key in key_set.keys)
    raise RegistrationError(f"there is no key {kid!r}; there are {known}", "kid")


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


def _read(file: Path, create: bool) -> list[dict[str, Any]]:
    if create and not (file.exists() and file.read_bytes().strip()):
        return []
    text = file.read_bytes()
    try:
        read_key_set(text, ALGORITHMS)
    except ValueError as error:
        raise RegistrationError(
            f"{file} cannot be used as a key set: {error}", "file"
        ) from None
    members: list[dict[str, Any]] = json.loads(text)["keys"]
    return members


def _write(file: Path, members: list[dict[str, Any]]) -> None:
    """Replace a file in one step. Only its owner can read a new file."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "w") as new:
            json.dump({"keys": members}, new, indent=2)
            new.write("\n")
        if file.exists():
            # Otherwise a server with another account could not read the file any more.
            before = file.stat()
            os.chown(name, before.st_uid, before.st_gid)
            os.chmod(name, before.st_mode)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
