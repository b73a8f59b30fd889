"""The commands and the Python API are the same words (docs/reference/commands.md)."""

from __future__ import annotations

import inspect
import keyword

import click
import pytest

from flask_tapauth import TapAuth
from flask_tapauth._cli import commands

GROUPS = ["clients", "tokens", "consents", "users", "keys", "events"]
OUTPUT = {"as_json", "is_sure"}
"""Options of the terminal, which have no counterpart in code."""
ARGUMENT_OF = {"client_id": "client", "file": "append"}
"""What the command line calls otherwise: a client is given by its id."""


def walk() -> list[tuple[str, str]]:
    return [
        (group, name)
        for group in GROUPS
        for name in commands.commands[group].commands  # type: ignore[attr-defined]
        if (group, name) != ("clients", "show")
    ]


def method_of(group: str, command: str) -> inspect.Signature:
    name = command.replace("-", "_")
    if (group, name) == ("tokens", "revoke"):
        name = "revoke_all"
    if keyword.iskeyword(name):
        name += "_"
    room = inspect.get_annotations(
        getattr(TapAuth, group).fget, eval_str=True, globals=_globals()
    )["return"]
    return inspect.signature(getattr(room, name))


def _globals() -> dict[str, object]:
    from flask_tapauth import _extension

    return vars(_extension)


@pytest.mark.parametrize(("group", "command"), walk())
def test_a_command_takes_what_its_method_takes(group: str, command: str) -> None:
    """A team scripts on the command line, and moves to code, or back."""
    found = commands.commands[group].commands[command]  # type: ignore[attr-defined]
    options = {param.name for param in found.params} - OUTPUT
    parameters = method_of(group, command).parameters
    names = {*parameters} - {"self", "progress"}
    if command == "update":  # it takes the arguments of create
        names |= {*method_of(group, "create").parameters} - {"self"}
        names -= {"changes", "client_id", "client_secret", "public"}
        options |= {"client"} - {"client_id"}
        options -= {"client_id"}
    if command == "import":
        options, names = options - {"file"}, names - {"lines"}
    if (group, command) == ("tokens", "revoke"):
        options -= {"token"}
    for name in options - names:
        assert ARGUMENT_OF.get(str(name)) in names, name
    assert {*names} <= options | {ARGUMENT_OF.get(str(name)) for name in options}


def test_every_group_is_an_attribute_and_the_other_way_round() -> None:
    """A new room without commands, or commands without a room, would be missed."""
    assert {
        name
        for name, value in vars(TapAuth).items()
        if isinstance(value, property) and name in commands.commands
    } == set(GROUPS)
    assert {
        name
        for name, command in commands.commands.items()
        if isinstance(command, click.Group)
    } == set(GROUPS)
