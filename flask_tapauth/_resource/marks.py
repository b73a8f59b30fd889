"""Mark guards, and the functions below them, so that both can be found again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from .arguments import GuardArguments

# Each mark holds the function that it is for: ``functools.wraps`` copies the marks of a
# function to the decorators above it, and there they are of another function.
_GIVEN: Final = "_tapauth_given_to_a_guard"
_GUARD: Final = "_tapauth_guard"


def mark_as_guarded(view: Callable[..., Any]) -> None:
    """Mark a view, and the functions that it wraps, as passed to a guard."""
    for function in unwrap_all(view):
        with contextlib.suppress(AttributeError, TypeError):  # objects with __slots__
            setattr(function, _GIVEN, function)


def mark_as_guard(guard: Callable[..., Any], arguments: GuardArguments) -> None:
    """Mark the function that a guard made of a view."""
    setattr(guard, _GUARD, (guard, arguments))


def is_given_to_a_guard(function: Callable[..., Any]) -> bool:
    """Tell whether this function itself was passed to a guard."""
    function = getattr(function, "__func__", function)
    return getattr(function, _GIVEN, None) is function


def guards_of(function: Any) -> list[GuardArguments]:
    """Return the arguments of the guards around a function, the outermost first."""
    found = []
    for each in unwrap_all(function):
        guard, arguments = getattr(each, _GUARD, (None, None))
        if guard is each and arguments is not None:
            found.append(arguments)
    return found


def unwrap_all(function: Any) -> Iterator[Callable[..., Any]]:
    """Yield a function and the functions that it wraps; for a method, its function."""
    passed: set[int] = set()
    while callable(function) and id(function) not in passed:
        passed.add(id(function))
        function = getattr(function, "__func__", function)
        yield function
        function = getattr(function, "__wrapped__", None)
