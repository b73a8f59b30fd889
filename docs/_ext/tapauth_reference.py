"""Directives that write the reference out of the code.

Each makes Markdown, which the page parses as its own.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from http import HTTPStatus
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from blinker import Signal
from docutils import nodes
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from flask_tapauth import TapAuth, errors, signals
from flask_tapauth._base import config

_OF_AUTHLIB: Final = ("server", "protector")
"""Attributes of a `TapAuth` whose methods Authlib documents."""


class Generated(SphinxDirective):
    """A directive whose content is generated."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # the code may change when the page does not
        text = "\n".join(self.lines())
        return self.parse_text_to_nodes(text, allow_section_headings=True)

    def lines(self) -> Iterable[str]:
        raise NotImplementedError


class Settings(Generated):
    """Every setting: what it means, its default, and what is allowed."""

    def lines(self) -> Iterator[str]:
        analyzer = ModuleAnalyzer.for_module(config.__name__)
        comments = analyzer.find_attr_docs()
        default = config.Config()
        for field in fields(config.Config):
            _, allowed = config._READERS[field.name]
            meaning = " ".join(comments["Config", field.name]).strip()
            yield from (
                f"````{{confval}} {config.PREFIX}{field.name.upper()}",
                f":default: `{getattr(default, field.name)!r}`",
                "",
                f"{meaning}",
                "",
                f"Allowed: {allowed}.",
                "````",
                "",
            )


class Routes(Generated):
    """Every route that Flask-TapAuth adds to an app."""

    blueprint = "tapauth"

    def lines(self) -> Iterator[str]:
        app = _example_app()
        rules = [
            rule
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith(f"{self.blueprint}.")
        ]
        yield from ("| method | path | endpoint | what |", "| --- | --- | --- | --- |")
        for rule in sorted(rules, key=lambda rule: rule.rule):
            methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            what = _summary(app.view_functions[rule.endpoint])
            yield f"| {methods} | `{rule.rule}` | `{rule.endpoint}` | {what} |"


class PageRoutes(Routes):
    """Every route of `tapauth.pages`."""

    blueprint = "tapauth_pages"


class Errors(Generated):
    """Every code of an OAuth error that a caller may read, with its status."""

    def lines(self) -> Iterator[str]:
        yield from ("| error | status | when |", "| --- | --- | --- |")
        rows = set()
        for error in _errors():
            rows.add((error.error, int(error.status_code), _summary(error)))
        known = {code for code, _, _ in rows}
        for error in _authlib_errors():
            if error.error not in known:
                rows.add((error.error, int(error.status_code), "As in RFC 6749."))
        for code, status, when in sorted(rows):
            yield f"| `{code}` | {status} {HTTPStatus(status).phrase} | {when} |"


class Signals(Generated):
    """Every signal."""

    def lines(self) -> Iterator[str]:
        yield from ("```{eval-rst}", f".. currentmodule:: {signals.__name__}", "")
        for name, signal in vars(signals).items():
            if isinstance(signal, Signal):
                yield from (f".. autodata:: {name}", "   :no-value:", "")
        yield "```"


class Tables(Generated):
    """Every table, and its columns."""

    def lines(self) -> Iterator[str]:
        db = SQLAlchemy()
        TapAuth(db=db)
        for table in db.metadata.sorted_tables:
            yield from (f"## `{table.name}`", "")
            yield from ("| column | type | null | |", "| --- | --- | --- | --- |")
            for column in table.columns:
                null = "yes" if column.nullable else ""
                marks = [
                    "primary key" if column.primary_key else "",
                    "unique" if column.unique else "",
                    *(f"→ `{key.target_fullname}`" for key in column.foreign_keys),
                ]
                what = ", ".join(mark for mark in marks if mark)
                yield f"| `{column.name}` | {column.type} | {null} | {what} |"
            yield ""


class Parts(Generated):
    """The objects that a `TapAuth` has for clients, tokens and the like."""

    def lines(self) -> Iterator[str]:
        for name, part in parts().items():
            yield from (
                f"## `tapauth.{name}`",
                "",
                "```{eval-rst}",
                f".. autoclass:: {part.__module__}.{part.__qualname__}",
                "   :members:",
                "   :inherited-members:",
                "   :no-undoc-members:",
                "```",
                "",
            )


def parts() -> dict[str, type[Any]]:
    """The classes of the objects that a `TapAuth` has, by the name of the attribute."""
    app = _example_app()
    tapauth = app.config["_tapauth"]
    with app.app_context():
        found = {
            name: type(getattr(tapauth, name))
            for name in dir(tapauth)
            if not name.startswith("_") and name not in _OF_AUTHLIB
        }
    return {
        name: part
        for name, part in found.items()
        if part.__module__.startswith("flask_tapauth")
    }


def _example_app() -> Flask:
    app = Flask("reference")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)
    tapauth = app.config["_tapauth"] = TapAuth(app, db)
    app.register_blueprint(tapauth.pages)
    return app


def _errors() -> set[Any]:
    """Our own errors that have a code of OAuth."""
    return {
        error
        for name, error in vars(errors).items()
        if getattr(error, "__module__", "") == errors.__name__
        and isinstance(error, type)
        and issubclass(error, OAuth2Error)
        and not name.startswith("_")
    }


def _authlib_errors() -> set[Any]:
    """The errors of Authlib that our code raises or catches."""
    return {
        thing
        for name, module in sys.modules.items()
        if name.startswith("flask_tapauth.") and module is not errors
        for thing in vars(module).values()
        if getattr(thing, "__module__", "").startswith("authlib.")
        and isinstance(thing, type)
        and issubclass(thing, OAuth2Error)
        and thing.error  # type: ignore[attr-defined]
    }


def _summary(thing: Any) -> str:
    """The first sentence of a docstring, on one line."""
    doc = inspect.cleandoc(thing.__doc__ or "")
    return " ".join(doc.split("\n\n")[0].split()).replace("|", r"\|")


def show_examples_as_code(app: Sphinx, context: Any, lines: list[str]) -> None:
    """Make code of the examples in a command's help, which come as lines of text."""
    if "| Examples:" in lines:
        lines.insert(lines.index("| Examples:") + 1, "")
        lines[:] = [line.removeprefix("| ") for line in lines]
        lines[lines.index("Examples:")] = "Examples::"


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("sphinx-click-process-description", show_examples_as_code)
    app.add_directive("tapauth-settings", Settings)
    app.add_directive("tapauth-routes", Routes)
    app.add_directive("tapauth-page-routes", PageRoutes)
    app.add_directive("tapauth-errors", Errors)
    app.add_directive("tapauth-signals", Signals)
    app.add_directive("tapauth-tables", Tables)
    app.add_directive("tapauth-parts", Parts)
    return {"parallel_read_safe": True}
