"""Checks of the host app, and the set-up of its other extensions."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Collection
from typing import Final

from flask import Flask

from .._base.config import Config
from ..errors import ConfigError
from .host_settings import is_limiter_on

log = logging.getLogger(__name__)

BLUEPRINT = "tapauth"

_PATH: Final = "<path:path>"


class FirstRequestChecks:
    """Checks what can be seen no earlier: routes, views and extensions may all be added
    after ``init_app``. Each request fails until the mistake is mended.

    :param rules: those of our routes, and addresses that they lead to.
    :param check_cache: raises where the database does not allow the cache.
    """

    def __init__(
        self,
        app: Flask,
        config: Config,
        rules: Collection[str],
        check_cache: Callable[[], None],
    ) -> None:
        self._app = app
        self._config = config
        self._check_cache = check_cache
        self._rules = rules
        self._is_done = False

    def __call__(self) -> None:
        if self._is_done:
            return
        try:
            check_routes(self._app, self._rules)
            _check_login_view(self._app, self._config.login_view)
            _check_limiter(self._app, self._config.rate_limit)
            self._check_cache()
        except ConfigError as error:
            # An error handler of the host's may leave no trace of it.
            log.error("%s", error)
            raise
        exempt_from_csrf(self._app)
        self._is_done = True


def check_routes(app: Flask, rules: Collection[str]) -> None:
    """See that no route of the host's is at an address of ours.

    Which of two is run depends on which was added first, or says more of its address,
    and nobody is told.

    :raises ConfigError: one is.
    """
    ours = {_shape(rule) for rule in rules}
    # A rule of one parameter says more than ours of a whole path, and comes first.
    folders = tuple(rule[: -len(_PATH)] for rule in rules if rule.endswith(_PATH))
    for rule in app.url_map.iter_rules():
        is_other = rule.endpoint.rpartition(".")[0] != BLUEPRINT
        is_in_folder = rule.rule.startswith(folders) and "<" in rule.rule
        if is_other and (is_in_folder or _shape(rule.rule) in ours):
            hint = "set TAPAUTH_URL_PREFIX to another path"
            if rule.rule.startswith("/.well-known/"):
                hint = "leave it out: Flask-TapAuth answers there"
            raise ConfigError(
                f"TapAuth: the app's own route {rule.rule!r} (endpoint "
                f"{rule.endpoint!r}) has the address of one of ours; move it, or {hint}"
            )


def _shape(rule: str) -> str:
    """Two rules that differ in the names of their parameters are one address."""
    return re.sub(r"<([^:>]*:)?[^>]*>", r"<\1>", rule)


def check_blueprint(app: Flask) -> None:
    """:raises ConfigError: the host has a blueprint of our name."""
    if BLUEPRINT in app.blueprints:
        raise ConfigError(
            f"TapAuth: the app has a blueprint of its own that is called "
            f"{BLUEPRINT!r}; give that another name"
        )


def _check_login_view(app: Flask, view: str | None) -> None:
    if view is None or "/" in view or view in app.view_functions:
        return
    near = difflib.get_close_matches(view, app.view_functions, cutoff=0.4)
    hint = f"near it are {', '.join(near)}" if near else "`flask routes` lists them"
    raise ConfigError(
        f"TapAuth: TAPAUTH_LOGIN_VIEW: got {view!r}, expected an endpoint of the app; "
        f"{hint}"
    )


def _check_limiter(app: Flask, limit: str | None) -> None:
    # One that is switched off is so for tests, and need not be there.
    is_missing = is_limiter_on(app) and not app.extensions.get("limiter")
    if limit is not None and is_missing:
        raise ConfigError(
            f"TapAuth: TAPAUTH_RATE_LIMIT: got {limit!r}, and the app has no "
            "Flask-Limiter that would count; initialise one on the app, or leave the "
            "setting out"
        )


def exempt_from_csrf(app: Flask) -> None:
    """Let machine clients post without a token of Flask-WTF's, which they cannot have.

    The consent page has a protection of its own.
    """
    protection = app.extensions.get("csrf")
    if protection is None:
        return
    try:
        from flask_wtf.csrf import CSRFProtect
    except ImportError:
        return  # then it is another extension's
    if isinstance(protection, CSRFProtect):
        protection.exempt(app.blueprints[BLUEPRINT])
