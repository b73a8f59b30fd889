"""Say of each route of an app which guard is in front of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from flask import Flask
from flask.views import MethodView
from werkzeug.routing import Rule

from .._base.scopes import parse_scopes
from .arguments import GuardArguments
from .marks import guards_of
from .misplaced import is_cached_above_its_guard

Guard = Literal["required", "optional", "open"]

_AUTOMATIC: Final = ("HEAD", "OPTIONS")
_PACKAGE: Final = __name__.partition(".")[0]
_WITH_METHOD_DECORATORS: Final = ("flask_restx", "flask_restful")
"""Packages whose views read `method_decorators`. Flask's own views do not."""


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    """Methods of a route that have the same guard.

    :param scopes: the token must have all of these.
    :param any_of: the token must have one of these; several scopes in one string are
        needed together.
    :param locations: where the guards look for the token; None for
        ``TAPAUTH_TOKEN_LOCATIONS``.
    """

    rule: Rule
    methods: tuple[str, ...]
    guard: Guard
    scopes: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    locations: tuple[str, ...] | None = None
    is_ours: bool = False
    """Whether the view is one of this package, which checks its callers itself."""

    def unknown_scopes(self, known: Collection[str] | None) -> list[str]:
        """Return the scopes that ``TAPAUTH_SCOPES`` does not have.

        :param known: the value of the setting; None knows every scope.
        """
        named = dict.fromkeys(parse_scopes([*self.scopes, *self.any_of]))
        return [] if known is None else [each for each in named if each not in known]


def guarded_routes(app: Flask) -> list[GuardedRoute]:
    """Return all routes of an app, by their rules.

    A route whose methods have different guards, such as a ``MethodView``'s, is there
    several times. `verify_token` inside a view is not seen.
    """
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [
        route
        for rule in rules
        if not rule.build_only  # such a rule matches no request
        for route in _routes_of(app, rule)
    ]


def _routes_of(app: Flask, rule: Rule) -> Iterator[GuardedRoute]:
    view = app.view_functions.get(rule.endpoint)
    methods = _methods(rule, view)
    if _package_of(view) == _PACKAGE:
        yield GuardedRoute(rule, methods, "required", is_ours=True)
        return
    before = [
        arguments
        for hook in _before_request(app, rule.endpoint)
        for arguments in guards_of(hook)
    ]
    by_guards: dict[tuple[Any, ...], list[str]] = {}
    for method in methods or ("",):
        found = _combined([*before, *_guards_of_view(view, method)])
        by_guards.setdefault(found, []).append(method)
    for found, several in by_guards.items():
        yield GuardedRoute(rule, tuple(filter(None, several)), *found)


def _methods(rule: Rule, view: Any) -> tuple[str, ...]:
    """Return the methods that the view itself answers, in alphabetical order."""
    methods = set(rule.methods or ())
    has_own_head = hasattr(getattr(view, "view_class", None), "head")
    if "GET" in methods and not has_own_head:
        methods.discard("HEAD")  # Werkzeug adds it, and the view for GET answers
    if getattr(rule, "provide_automatic_options", False):
        methods.discard("OPTIONS")
    return tuple(sorted(methods))


def _before_request(app: Flask, endpoint: str) -> Iterator[Callable[..., Any]]:
    """Yield the functions that Flask calls before the view: the app's, and those of the
    view's blueprint and of the blueprints around it."""
    yield from app.before_request_funcs.get(None, ())
    blueprint = endpoint.rpartition(".")[0]
    while blueprint:
        yield from app.before_request_funcs.get(blueprint, ())
        blueprint = blueprint.rpartition(".")[0]


def _guards_of_view(view: Any, method: str) -> list[GuardArguments]:
    if view is None:
        return []
    found = list(_working_guards_of(view))
    view_class = getattr(view, "view_class", None)  # of a class-based view
    if view_class is None:
        return found
    found += _working_guards_of(getattr(view_class, "dispatch_request", None))
    if not issubclass(view_class, MethodView):
        return found  # a plain View calls none of the methods
    name = method.lower()
    handler = getattr(view_class, name, None) if name else None
    if handler is None:
        return found
    # These packages decorate the method at each request, as here.
    if any(_package_of(each) in _WITH_METHOD_DECORATORS for each in view_class.__mro__):
        decorators = getattr(view_class, "method_decorators", ())
        if isinstance(decorators, Mapping):
            decorators = decorators.get(name, ())
        for decorate in decorators:
            handler = decorate(handler)
    return [*found, *_working_guards_of(handler)]


def _package_of(thing: Any) -> str:
    # The module of a function that exec() made is None.
    return (getattr(thing, "__module__", None) or "").partition(".")[0]


def _working_guards_of(function: Any) -> Iterable[GuardArguments]:
    if function is None or is_cached_above_its_guard(function):
        return ()
    return guards_of(function)


def _combined(
    guards: list[GuardArguments],
) -> tuple[Guard, tuple[str, ...], tuple[str, ...], tuple[str, ...] | None]:
    """Return what several guards in a row demand of a token together."""
    if not guards:
        return "open", (), (), None
    is_optional = all(each.optional for each in guards)
    scopes = tuple(dict.fromkeys(scope for each in guards for scope in each.required))
    choices = [each.any_of for each in guards if each.any_of]
    # Of ("a", "b") and of ("c", "d") one each: a c, a d, b c or b d.
    any_of = tuple(
        " ".join(dict.fromkeys(chosen)) for chosen in itertools.product(*choices)
    )
    locations = next((each.locations for each in guards if each.locations), None)
    return (
        "optional" if is_optional else "required",
        scopes,
        any_of if choices else (),
        locations,
    )
