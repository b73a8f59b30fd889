"""The reference has a place for everything that a host or a client can name.

Each place is one that a link can lead to: an entry of the site's inventory.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from blinker import Signal
from flask import Flask
from sphinx.util.inventory import InventoryFile

import flask_tapauth
from flask_tapauth import TapAuth, errors, models, signals, testing
from flask_tapauth._base.config import PREFIX, Config
from flask_tapauth._cli import commands

Places = dict[str, set[str]]


@pytest.fixture(scope="module")
def places(site: Path) -> Places:
    """The names that the reference has places for, by their kind."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    return {
        kind: {name for name, item in entries.items() if "reference/" in item.uri}
        for kind, entries in inventory.data.items()
    }


@pytest.fixture(scope="module")
def names(places: Places) -> set[str]:
    """The names of Python that the reference has places for."""
    kinds = [kind for kind in places if kind.startswith("py:")]
    return set().union(*(places[kind] for kind in kinds))


def test_every_public_name_is_in_the_reference(names: set[str]) -> None:
    """Issue 15: documented is public, and public is documented."""
    public = {f"flask_tapauth.{name}" for name in flask_tapauth.__all__}
    for module in (errors, models, signals, testing):
        public |= {f"{module.__name__}.{name}" for name in _defined_in(module)}
    assert not public - names - {"flask_tapauth.signals", "flask_tapauth.__version__"}


def test_every_member_of_tapauth_is_in_the_reference(names: set[str]) -> None:
    """What `tapauth.` leads to in an editor is explained."""
    members = {name for name in vars(TapAuth) if not name.startswith("_")}
    missing = {name for name in members if f"flask_tapauth.TapAuth.{name}" not in names}
    assert not missing


def test_every_method_of_what_tapauth_has_is_in_the_reference(
    names: set[str], app: Flask, tapauth: TapAuth
) -> None:
    """`tapauth.users.forget` and the like are found from `tapauth`."""
    with app.app_context():
        members = {
            name: type(getattr(tapauth, name))
            for name in dir(tapauth)
            if not name.startswith("_") and name not in ("server", "protector")
        }
    parts = [
        part
        for part in members.values()
        if part.__module__.startswith("flask_tapauth._")
    ]
    methods = {
        f"{part.__module__}.{part.__name__}.{name}"
        for part in parts
        for name, _ in inspect.getmembers(part, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods
    assert not methods - names


def test_every_setting_is_in_the_reference(places: Places) -> None:
    """A setting is looked up by its name."""
    settings = {f"{PREFIX}{field.name.upper()}" for field in fields(Config)}
    assert places["std:confval"] == settings


def test_every_option_of_every_command_is_in_the_reference(places: Places) -> None:
    """What `flask tapauth … --help` shows is on the site too."""
    written = places["std:cmdoption"]
    for command, path in _commands(commands, "flask-tapauth"):
        for parameter in command.params:
            name = parameter.human_readable_name
            if isinstance(parameter, click.Option):
                name = parameter.opts[0]
            assert f"{path}.{name}" in written, path


def test_every_route_is_in_the_reference(site: Path, app: Flask) -> None:
    """The addresses that Flask-TapAuth adds to an app are no secret."""
    page = (site / "reference/routes.html").read_text(encoding="utf-8")
    ours = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("tapauth.")]
    assert len(ours) > 8
    for rule in ours:
        shown = rule.rule.replace("<", "&lt;").replace(">", "&gt;")
        assert shown in page


def test_every_column_is_in_the_reference(site: Path, db: Any, tapauth: Any) -> None:
    """Migrations and queries name tables and columns."""
    page = (site / "reference/models.html").read_text(encoding="utf-8")
    assert len(db.metadata.tables) > 4
    for table in db.metadata.tables.values():
        for name in (table.name, *table.columns.keys()):
            assert f'<span class="pre">{name}</span>' in page, name


def _defined_in(module: Any) -> Iterator[str]:
    for name, value in vars(module).items():
        is_here = getattr(value, "__module__", "") == module.__name__
        if not name.startswith("_") and (is_here or isinstance(value, Signal)):
            yield name


def _commands(group: click.Group, path: str) -> Iterator[tuple[click.Command, str]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}-{name}")
        else:
            yield command, f"{path}-{name}"
