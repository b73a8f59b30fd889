"""The help of the commands, for a reader who has no other page open."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Iterator

import click
import pytest

from flask_tapauth._cli import commands

from ..conftest import Run


def walk(
    command: click.Command, *path: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all its subcommands, each with its full name."""
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from walk(child, *path, name)


ALL = dict(walk(commands))
GROUPS = [path for path, command in ALL.items() if isinstance(command, click.Group)]
COMMANDS = [path for path in ALL if path not in GROUPS]


def examples_of(command: click.Command) -> list[list[str]]:
    """Return the words of each example in a command's help."""
    _, _, block = inspect.cleandoc(command.help or "").partition("Examples:\n")
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_a_group_lists_its_commands_without_cutting_a_summary(
    run: Run, path: tuple[str, ...]
) -> None:
    """Click cuts a long summary with "...", and the reader must guess the rest."""
    result = run(*path, "--help")

    assert result.exit_code == 0
    _, _, listed = result.stdout.partition("Commands:\n")
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does_and_what_goes_in(path: tuple[str, ...]) -> None:
    """A bare ``--user TEXT`` leaves the reader to guess: a name, an id, an address?"""
    for param in ALL[path].params:
        if isinstance(param, click.Option):
            takes_value = not param.is_flag and not isinstance(param.type, click.Choice)
            assert param.help, param.name
            assert not takes_value or param.metavar, param.name


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_is_a_command_that_exists(path: tuple[str, ...]) -> None:
    """An example with a wrong option costs a newcomer more than no example."""
    command = ALL[path]
    options = {name for param in command.params for name in param.opts}
    examples = examples_of(command)

    assert examples
    for words in examples:
        assert words[: 2 + len(path)] == ["flask", "tapauth", *path]
        assert {word for word in words if word.startswith("--")} <= options
