"""``flask tapauth keys`` with wrong input: one line, and nothing written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from click.testing import Result

from ...conftest import Run
from .conftest import make_key, public

FIRST = make_key()
BAD: dict[str, Callable[[], str | bytes]] = {
    "empty": lambda: "",
    "no JSON": lambda: "{",
    "no text": lambda: b"\xff\xfe",
    "deep": lambda: "[" * 100_000,
    "no set": lambda: json.dumps(FIRST),
    "no keys": lambda: '{"keys": []}',
    "no list": lambda: json.dumps({"keys": FIRST}),
    "no key": lambda: json.dumps({"keys": [FIRST["d"]]}),
    "damaged": lambda: json.dumps({"keys": [{**FIRST, "x": "AA"}]}),
    "same kid": lambda: json.dumps({"keys": [FIRST, FIRST]}),
    "odd curve": lambda: json.dumps({"keys": [{**FIRST, "crv": ["P-256"]}]}),
}
COMMANDS = {
    "append": ("generate", "--append", "FILE"),
    "promote": ("promote", "first", "FILE"),
    "remove": ("remove", "first", "FILE"),
}

FILE_OF = {"append": "--append", "promote": "FILE", "remove": "FILE"}


def refused(result: Result) -> str:
    """See that a command failed by wrong input, with one line, and return it."""
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert FIRST["d"] not in line
    return line


def command(name: str, file: Path) -> list[str]:
    return ["keys", *(str(file) if part == "FILE" else part for part in COMMANDS[name])]


@pytest.mark.parametrize(
    ("fault", "name"),
    # An empty file counts as a new one.
    [pair for pair in product(BAD, COMMANDS) if pair != ("empty", "append")],
)
def test_a_bad_file_is_left_as_it_is(
    run: Run, tmp_path: Path, name: str, fault: str
) -> None:
    """The message is one line and shows no key."""
    content = BAD[fault]()
    content = content.encode() if isinstance(content, str) else content
    file = tmp_path / "keys.json"
    file.write_bytes(content)

    line = refused(run(*command(name, file)))

    assert line.startswith(
        f"Error: {FILE_OF[name]}: {file} cannot be used as a key set: "
    )
    assert file.read_bytes() == content
    assert os.listdir(tmp_path) == [file.name]


@pytest.mark.parametrize("name", ["promote", "remove"])
def test_a_missing_file_is_not_created(run: Run, tmp_path: Path, name: str) -> None:
    """A wrong path must not be taken for an empty key set."""
    file = tmp_path / "keys.json"

    line = refused(run(*command(name, file)))

    assert (
        line
        == f"Error: FILE: {file} cannot be read or written: No such file or directory"
    )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("place", ["", "none/keys.json", "file/keys.json", "a\nb/c"])
def test_a_path_that_cannot_be_written_is_reported(
    run: Run, tmp_path: Path, name: str, place: str
) -> None:
    """A directory, or a path without one."""
    (tmp_path / "file").touch()

    line = refused(run(*command(name, tmp_path / place)))

    assert line.startswith(f"Error: {FILE_OF[name]}: ")

    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["promote", "remove"])
def test_an_unknown_key_is_reported_with_the_known_ones(
    run: Run, tmp_path: Path, name: str
) -> None:
    """The message lists the keys in the file."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, make_key(kid="second")]}))
    content = file.read_bytes()

    line = refused(run("keys", name, "third", str(file)))

    assert line == "Error: KID: there is no key 'third'; there are first, second"
    assert file.read_bytes() == content


def test_the_key_that_signs_is_not_removed(run: Run, tmp_path: Path) -> None:
    """The app could not start, or another key would sign unnoticed."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, make_key(kid="second")]}))
    content = file.read_bytes()

    line = refused(run("keys", "remove", "first", str(file)))

    assert line == "Error: KID: this is the key that signs; promote another key first"
    assert file.read_bytes() == content


def test_a_public_key_is_not_promoted(run: Run, tmp_path: Path) -> None:
    """An app whose first key cannot sign does not start."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [FIRST, public(make_key(kid="second"))]}))

    line = refused(run("keys", "promote", "second", str(file)))

    assert line.startswith("Error: KID: this is a public key")


@pytest.mark.parametrize("algorithm", ["none", "ES384", "es256", ""])
def test_an_unsupported_algorithm_is_refused(
    run: Run, tmp_path: Path, algorithm: str
) -> None:
    """No key is generated."""
    file = tmp_path / "keys.json"

    line = refused(run("keys", "generate", "--alg", algorithm, "--append", str(file)))

    assert "ES256" in line
    assert not file.exists()
