"""Detect a guard that does not work: above the route, or below a cache.

``@app.get`` registers the function below it and returns the same function: a guard
above it is never called. Nor is a guard below a decorator that has a cached answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flask import current_app, request

from ..errors import ConfigError

_MARK: Final = "_tapauth_given_to_a_guard"


def mark_as_guarded(view: Callable[..., Any]) -> None:
    """Mark a view, and the functions that it wraps, as passed to a guard.

    The mark is the function itself: ``functools.wraps`` copies the mark to decorators,
    and there it is another function.
    """
    for function in _unwrap_all(view):
        with contextlib.suppress(AttributeError, TypeError):  # objects with __slots__
            setattr(function, _MARK, function)


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
    if _is_marked(view):
        raise ConfigError(
            f"the view {endpoint!r} is not guarded: its @require_token stands above "
            "the route, and Flask has registered the function below. Put the route on "
            "top and @require_token under it, or give add_url_rule() what "
            "require_token(...) returned. To have it open here and guarded elsewhere, "
            "register a second function that calls it"
        )
    if _is_cached_above_its_guard(view):
        raise ConfigError(
            f"the view {endpoint!r} is not guarded once its answer is cached: put "
            "@require_token above the decorator that caches, and the route on top"
        )
    for name in (None, *request.blueprints):
        for hook in current_app.before_request_funcs.get(name, ()):
            if _is_marked(hook):
                raise ConfigError(
                    f"{getattr(hook, '__name__', hook)}() runs before requests and is "
                    "not guarded: put @before_request on top and @require_token under "
                    "it"
                )


def _is_marked(function: Callable[..., Any]) -> bool:
    """Tell whether this function itself was passed to a guard."""
    function = getattr(function, "__func__", function)
    return getattr(function, _MARK, None) is function


def _is_cached_above_its_guard(view: Callable[..., Any]) -> bool:
    """Tell whether Flask-Caching's ``cached`` or ``memoize`` stands above each guard.

    Their attribute `uncached` is the function below. Decorators above them copy the
    attribute, but wrap another function.
    """
    is_cached = False
    for function in _unwrap_all(view):
        if _is_marked(function):  # the guard is right above
            return is_cached
        below = getattr(function, "__wrapped__", function)
        is_cached = is_cached or getattr(function, "uncached", None) is below
    return False


def _unwrap_all(function: Any) -> Iterator[Callable[..., Any]]:
    """Yield a function and the functions that it wraps; for a method, its function."""
    passed: set[int] = set()
    while callable(function) and id(function) not in passed:
        passed.add(id(function))
        function = getattr(function, "__func__", function)
        yield function
        function = getattr(function, "__wrapped__", None)
