"""Detect a guard that does not work: above the route, or below a cache.

``@app.get`` registers the function below it and returns the same function: a guard
above it is never called. Nor is a guard below a decorator that has a cached answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, request

from ..errors import ConfigError
from .marks import is_given_to_a_guard, unwrap_all


def make_placement_check() -> Callable[[str | None, Mapping[str, Any] | None], None]:
    """Return a ``url_value_preprocessor`` that checks each view once."""
    seen: dict[str, Callable[..., Any]] = {}

    def watch(endpoint: str | None, values: Mapping[str, Any] | None) -> None:
        view = current_app.view_functions.get(endpoint or "")
        if endpoint is None or view is None or seen.get(endpoint) is view:
            return
        _check(endpoint, view)
        seen[endpoint] = view

    return watch


def _check(endpoint: str, view: Callable[..., Any]) -> None:
    if is_given_to_a_guard(view):
        raise ConfigError(
            f"the view {endpoint!r} is not guarded: its @require_token stands above "
            "the route, and Flask has registered the function below. Put the route on "
            "top and @require_token under it, or give add_url_rule() what "
            "require_token(...) returned. To have it open here and guarded elsewhere, "
            "register a second function that calls it"
        )
    if is_cached_above_its_guard(view):
        raise ConfigError(
            f"the view {endpoint!r} is not guarded once its answer is cached: put "
            "@require_token above the decorator that caches, and the route on top"
        )
    for name in (None, *request.blueprints):
        for hook in current_app.before_request_funcs.get(name, ()):
            if is_given_to_a_guard(hook):
                raise ConfigError(
                    f"{getattr(hook, '__name__', hook)}() runs before requests and is "
                    "not guarded: put @before_request on top and @require_token under "
                    "it"
                )


def is_cached_above_its_guard(view: Callable[..., Any]) -> bool:
    """Tell whether Flask-Caching's ``cached`` or ``memoize`` stands above each guard.

    Their attribute `uncached` is the function below. Decorators above them copy the
    attribute, but wrap another function.
    """
    is_cached = False
    for function in unwrap_all(view):
        if is_given_to_a_guard(function):  # the guard is right above
            return is_cached
        below = getattr(function, "__wrapped__", function)
        is_cached = is_cached or getattr(function, "uncached", None) is below
    return False
