"""What a host puts on its views: the guard, and the token that passed it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, ParamSpec, TypeVar, cast, overload

from authlib.oauth2 import OAuth2Error
from flask import has_request_context
from werkzeug.local import LocalProxy

from ._scopes import join_scopes, parse_scopes
from ._state import get_state
from ._tokens import AccessToken
from ._visit import get_visit
from .errors import TokenRequiredError

P = ParamSpec("P")
R = TypeVar("R")


@overload
def require_token(view: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def require_token(
    *scopes: str, any_of: Iterable[str] | None = None, optional: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def require_token(*scopes: Any, any_of: Any = None, optional: bool = False) -> Any:
    """Let a view run only for requests that carry a good access token.

    It serves plain and ``async def`` views, ``MethodView.decorators`` and, as
    ``before_request``, whole blueprints by :func:`verify_token`. Bare, it asks for a
    token of any scope::

        @app.get("/api/orders")
        @require_token("orders:read")
        def orders(): ...

    :param scopes: scopes that the token must have, all of them.
    :param any_of: scopes of which the token must have at least one.
    :param optional: let requests without a token through; `current_token` is falsy
        then. A token that is sent must be good all the same.
    :raises TypeError: a scope is no string, a class was decorated, or a view and
        `any_of` were given in one call.
    :raises ValueError: a scope has a character that no scope may have, or `any_of` is
        empty or names several scopes as one.
    """
    if len(scopes) == 1 and not isinstance(scopes[0], str) and callable(scopes[0]):
        if any_of is not None:
            raise TypeError("write @require_token(any_of=...) above the view")
        return _guarded(scopes[0], None, optional)
    wanted = _alternatives(scopes, any_of)
    return lambda view: _guarded(view, wanted, optional)


@overload
def verify_token(*scopes: str, any_of: Iterable[str] | None = None) -> AccessToken: ...
@overload
def verify_token(
    *scopes: str, any_of: Iterable[str] | None = None, optional: Literal[False]
) -> AccessToken: ...
@overload
def verify_token(
    *scopes: str, any_of: Iterable[str] | None = None, optional: bool
) -> AccessToken | None: ...
def verify_token(
    *scopes: str, any_of: Iterable[str] | None = None, optional: bool = False
) -> AccessToken | None:
    """Check this request's token as :func:`require_token` does, and return it.

    For places that a decorator does not reach: ``before_request``, resolvers.

    :returns: the token; None where there is none and `optional` lets that pass.
    :raises werkzeug.exceptions.HTTPException: the refusal, its answer finished.
    """
    return _verify(_alternatives(scopes, any_of), optional)


def _current_token() -> AccessToken | None:
    return get_visit().token if has_request_context() else None


current_token = cast("AccessToken", LocalProxy(_current_token))
"""The token of this request, as checked; falsy where there is none."""


def _alternatives(
    scopes: Sequence[str], any_of: Iterable[str] | None
) -> list[str] | None:
    required = parse_scopes(scopes)
    choices = () if any_of is None else _choices(any_of)
    if (scopes and not required) or (any_of is not None and not choices):
        # A list that happens to be empty must not open a view to every token.
        raise ValueError("name a scope, or leave the scopes out")
    if choices:
        return [join_scopes((*required, choice)) for choice in choices]
    return [join_scopes(required)] if required else None


def _choices(any_of: Iterable[str]) -> tuple[str, ...]:
    named = [any_of] if isinstance(any_of, str) else [*any_of]
    choices = parse_scopes(named)
    if any(len(name.split()) > 1 for name in named):
        # Whoever writes "a b" may mean both, which this would not ask for.
        raise ValueError("any_of: name one scope in each string")
    return choices


def _verify(wanted: list[str] | None, optional: bool) -> AccessToken | None:
    protector = get_state().protector
    try:
        token: AccessToken = protector.acquire_token(wanted)
    except TokenRequiredError as error:
        if optional:
            return None
        protector.raise_error_response(error)
    except OAuth2Error as error:
        protector.raise_error_response(error)
    return token


def _guarded(
    view: Callable[P, R], wanted: list[str] | None, optional: bool
) -> Callable[P, R]:
    if inspect.isclass(view):
        raise TypeError(
            f"require_token guards functions; put it into {view.__name__}.decorators"
        )
    if inspect.iscoroutinefunction(view):
        # Still a coroutine function: Flask and other decorators look at that.
        @functools.wraps(view)
        async def guarded_async(*args: P.args, **kwargs: P.kwargs) -> Any:
            _verify(wanted, optional)
            return await view(*args, **kwargs)

        return cast("Callable[P, R]", guarded_async)

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        _verify(wanted, optional)
        return view(*args, **kwargs)

    return guarded
