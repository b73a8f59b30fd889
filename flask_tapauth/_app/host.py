"""Checks of the host app, and the set-up of its other extensions."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from flask import Flask

from .._base.config import Config
from ..errors import ConfigError
from .host_settings import is_limiter_on

log = logging.getLogger(__name__)

BLUEPRINT = "tapauth"

_PATH: Final = "<path:path>"


def make_first_checks(
    app: Flask,
    config: Config,
    rules: Collection[str],
    check_cache: Callable[[], None],
    posted: Iterable[Callable[..., Any]],
) -> Callable[[], None]:
    """Return a ``before_request`` function that checks the host app once.

    Routes, views and extensions may be added after ``init_app``. Each request fails
    until the app is right.

    :param rules: the rules and addresses of our endpoints.
    :param check_cache: raises if the database does not allow the cache.
    :param posted: views of other blueprints, for :func:`exempt_from_csrf`.
    """
    is_done = False

    def check() -> None:
        nonlocal is_done
        if is_done:
            return
        try:
            check_routes(app, rules)
            _check_login_view(app, config.login_view)
            _check_limiter(app, config.rate_limit)
            check_cache()
        except ConfigError as error:
            # Logged here because the host's error handler may not log it.
            log.error("%s", error)
            raise
        exempt_from_csrf(app, posted)
        is_done = True

    return check


def check_routes(app: Flask, rules: Collection[str]) -> None:
    """Check that none of the host's routes has an address of ours.

    Otherwise Flask silently runs one of the two.
    """
    ours = {_shape(rule) for rule in rules}
    # Flask prefers a rule with a shorter parameter to our rule for a whole path.
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
    """Return a rule without the names of its parameters, which do not matter."""
    return re.sub(r"<([^:>]*:)?[^>]*>", r"<\1>", rule)


def check_blueprint(app: Flask) -> None:
    """:raises ConfigError: the host has a blueprint of our name."""
    if BLUEPRINT in app.blueprints:
        raise ConfigError(
            f"TapAuth: the app has its own blueprint {BLUEPRINT!r}; rename that one"
        )


def _check_login_view(app: Flask, view: str | None) -> None:
    if view is None or "/" in view or view in app.view_functions:
        return
    near = difflib.get_close_matches(view, app.view_functions, cutoff=0.4)
    hint = f"did you mean {', '.join(near)}?" if near else "`flask routes` lists them"
    raise ConfigError(
        f"TapAuth: TAPAUTH_LOGIN_VIEW: got {view!r}, expected an endpoint of the app; "
        f"{hint}"
    )


def _check_limiter(app: Flask, limit: str | None) -> None:
    # A limiter that is switched off, as in tests, does not register itself.
    is_missing = is_limiter_on(app) and not app.extensions.get("limiter")
    if limit is not None and is_missing:
        raise ConfigError(
            f"TapAuth: TAPAUTH_RATE_LIMIT: got {limit!r}, but the app has no "
            "Flask-Limiter; initialise one on the app, or leave the setting out"
        )


def exempt_from_csrf(app: Flask, posted: Iterable[Callable[..., Any]]) -> None:
    """Let clients post without Flask-WTF's CSRF token, which they cannot get.

    Our pages have a protection of their own.

    :param posted: views to exempt by their names, whatever the host calls their
        blueprint.
    """
    protection = app.extensions.get("csrf")
    if protection is None:
        return
    try:
        from flask_wtf.csrf import CSRFProtect
    except ImportError:
        return  # another extension of the same name
    if isinstance(protection, CSRFProtect):
        protection.exempt(app.blueprints[BLUEPRINT])
        for view in posted:
            protection.exempt(view)
