"""What the package may use of SQLAlchemy: what is public."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flask_tapauth

PACKAGE = Path(flask_tapauth.__file__).parent
OF_NAMED_TUPLES = {"_make", "_fields", "_replace", "_asdict"}
OURS = {"self", "cls"}
UNDERSCORELESS = {"dispatch"}
"""Names of SQLAlchemy that its documentation does not describe either."""


def private_names(source: str) -> Iterator[str]:
    """Yield the private names of others that a file uses."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner)) if owner in OURS:
                continue
            case ast.Attribute(attr=name):
                names = [name]
            case ast.ImportFrom(module=str(module)) if "sqlalchemy" in module:
                names = [*module.split("."), *(each.name for each in node.names)]
            case ast.Call(func=ast.Name(id="getattr" | "setattr")):
                names = [str(getattr(each, "value", "")) for each in node.args]
            case _:
                continue
        for name in names:
            is_private = name in UNDERSCORELESS or (
                name.startswith("_") and not name.startswith("__")
            )
            if is_private and name not in OF_NAMED_TUPLES:
                yield name


def test_no_private_name_of_sqlalchemy_is_used() -> None:
    """A private name can change with any release, without notice."""
    found = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        if "sqlalchemy" in (source := path.read_text())
        for name in private_names(source)
    }

    assert found == set()


def test_a_private_name_would_be_found() -> None:
    """Otherwise the test above would pass for the wrong reason."""
    source = (
        "from sqlalchemy.orm import _orm_constructors\n"
        "self._mine = engine._has_events\n"
        "getattr(dialect, '_json_serializer')\n"
        "session.dispatch.after_begin\n"
    )

    assert sorted(private_names(source)) == [
        "_has_events",
        "_json_serializer",
        "_orm_constructors",
        "dispatch",
    ]
