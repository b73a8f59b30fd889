"""Changes of a Jinja environment that hosts make, and that broke our pages."""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

SCRIPT = "<script>alert(1)</script>"
"""A name that a page must not run."""


def delimiters(app: Flask) -> None:
    app.jinja_options = {
        "variable_start_string": "[[",
        "variable_end_string": "]]",
        "block_start_string": "<%",
        "block_end_string": "%>",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
        "line_statement_prefix": "<",
    }


def strict(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined


def no_autoescape(app: Flask) -> None:
    app.jinja_options = {"autoescape": False}


def trimmed(app: Flask) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def finalized(app: Flask) -> None:
    app.jinja_options = {"finalize": lambda value: "" if value else "nothing"}


def asynchronous(app: Flask) -> None:
    app.jinja_options = {"enable_async": True}


def sandboxed(app: Flask) -> None:
    class Environment(SandboxedEnvironment):
        def __init__(self, app: Flask, **options: Any) -> None:
            super().__init__(loader=app.create_global_jinja_loader(), **options)
            self.app = app

    app.jinja_environment = Environment  # type: ignore[assignment]


def other_loader(app: Flask) -> None:
    app.jinja_env.loader = DictLoader({})


def own_underscore(app: Flask) -> None:
    app.jinja_env.globals["_"] = lambda key: {"a": "b"}[key]


def own_gettext(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_null_translations(newstyle=False)


def taken_names(app: Flask) -> None:
    names = ["client", "error", "scopes", "lang", "resources", "account", "consent"]
    names += ["action", "stylesheet", "redirect_uri", "_"]
    app.context_processor(lambda: dict.fromkeys(names, 7))
    app.jinja_env.globals.update(dict.fromkeys(names, 8))


def other_babel(app: Flask) -> None:
    app.extensions["babel"] = object()


def plain(app: Flask) -> None:
    pass


ENVIRONMENTS = [
    delimiters,
    strict,
    no_autoescape,
    trimmed,
    finalized,
    asynchronous,
    sandboxed,
    other_loader,
    own_underscore,
    own_gettext,
    taken_names,
    other_babel,
]
