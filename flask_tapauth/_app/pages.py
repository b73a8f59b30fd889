"""Render our HTML pages, whatever the host has set in its Jinja environment.

A host may replace a page by a template of the same name. The host's template is
compiled with the host's delimiters, `Undefined` and autoescape, and ours with ours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from jinja2 import BaseLoader, Environment, FileSystemLoader, Template, TemplateNotFound
from markupsafe import Markup


class Pages:
    """The pages of one app.

    :param folders: where our own templates are.
    """

    def __init__(self, app: Flask, folders: Sequence[Path]) -> None:
        self._app = app
        self._folders = folders

    def render(self, name: str, **context: Any) -> str:
        """Return a page as HTML; `context` has all variables that the page reads."""
        lang, translate = self._language()
        context = {"resources": (), "lang": lang, "_": translate, **context}
        page = self._ours.get_template(f"tapauth/{name}.html")
        return render_template(page, **context)

    @functools.cached_property
    def _ours(self) -> Environment:
        # Made for the first page: hosts may change their environment until then.
        # Both environments share globals and `enable_async`, because a page may have
        # blocks of both.
        hosts = self._app.jinja_env.overlay()
        ours = Environment(autoescape=True, enable_async=hosts.is_async)
        ours.globals = hosts.globals
        ours.auto_reload = bool(hosts.auto_reload)
        ours.loader = hosts.loader = _Loader(hosts.loader, hosts, ours, self._folders)
        return ours

    def _language(self) -> tuple[str, Callable[..., Markup]]:
        """Return the language of the person, and a function that translates texts."""
        configured = self._app.extensions.get("babel")
        if configured is None:
            return "en", _in_english
        try:
            from flask_babel import BabelConfiguration, get_locale, gettext
        except ImportError:
            return "en", _in_english
        if not isinstance(configured, BabelConfiguration):
            return "en", _in_english  # another extension of the same name

        def translate(text: str, **values: Any) -> Markup:
            return _in_english(gettext(text), **values)

        return str(get_locale() or "en").replace("_", "-"), translate


class _Loader(BaseLoader):
    """Find a template where the host does, and compile it with the environment that it
    was written for."""

    def __init__(
        self,
        finder: BaseLoader | None,
        hosts: Environment,
        ours: Environment,
        folders: Sequence[Path],
    ) -> None:
        self._finder = finder
        self._folders = frozenset(folders)
        self._fallback = FileSystemLoader(folders)
        self._hosts = hosts
        self._ours = ours

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        source, filename, is_fresh = self._find(name)
        is_ours = filename is not None and not self._folders.isdisjoint(
            Path(filename).parents
        )
        written_for = self._ours if is_ours else self._hosts
        code = written_for.compile(source, name, filename)
        return written_for.template_class.from_code(
            written_for, code, {} if globals is None else globals, is_fresh
        )

    def _find(self, name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        if self._finder is not None:
            try:
                return self._finder.get_source(self._hosts, name)
            except TemplateNotFound:
                pass  # the host's loader may not search blueprints
        return self._fallback.get_source(self._ours, name)


def _in_english(text: str, **values: Any) -> Markup:
    return Markup(text) % values  # noqa: S704 - texts are our templates' own
