"""What a host puts on its views: the guard, and the token that passed it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, Literal, NoReturn, ParamSpec, TypeVar, cast, overload

from authlib.oauth2 import OAuth2Error
from flask import has_request_context, request
from werkzeug.local import LocalProxy

from .._app.app_state import get_app_state
from .._app.request_state import find_request_state, get_request_state
from .._tokens.token import AccessToken
from ..errors import TokenRequiredError
from .arguments import GuardArguments
from .misplaced import mark_as_guarded
from .places import vary_headers

P = ParamSpec("P")
R = TypeVar("R")


@overload
def require_token(view: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def require_token(
    *scopes: str,
    any_of: Iterable[str] | None = None,
    optional: bool = False,
    locations: Iterable[str] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def require_token(
    *scopes: Any, any_of: Any = None, optional: bool = False, locations: Any = None
) -> Any:
    """Let a view run only for requests that carry a good access token.

    It serves plain and ``async def`` views, ``MethodView.decorators`` and functions
    under ``before_request``. Bare, it asks for a token of any scope::

        @app.get("/api/orders")
        @require_token("orders:read")
        def orders(): ...

    Where another guard has looked the token up in this request, within the last second,
    this one believes it. An ``OPTIONS`` request that Flask answers by itself passes,
    and a guarded function under ``before_request`` does not run for it.

    :param scopes: scopes that the token must have, all of them.
    :param any_of: scopes of which the token must have at least one.
    :param optional: let requests without a token through; `current_token` is falsy
        then. A token that is sent must be good all the same.
    :param locations: where this view takes a token from, some of ``bearer``,
        ``header``, ``body`` and ``query``; what ``TAPAUTH_TOKEN_LOCATIONS`` says, where
        None.
    :raises TypeError: an argument is of the wrong type, a class was decorated, or a
        view and `any_of` were given in one call.
    :raises ValueError: a scope has a character that no scope may have, `any_of` is
        empty or names several scopes as one, or there is no such location.
    """
    if len(scopes) == 1 and not isinstance(scopes[0], str) and callable(scopes[0]):
        if any_of is not None:
            raise TypeError("write @require_token(any_of=...) above the view")
        return _guarded(scopes[0], GuardArguments.check((), None, optional, locations))
    arguments = GuardArguments.check(scopes, any_of, optional, locations)
    return lambda view: _guarded(view, arguments)


def verify_token(
    *scopes: str,
    any_of: Iterable[str] | None = None,
    optional: bool = False,
    locations: Iterable[str] | None = None,
) -> AccessToken | None:
    """Check this request's token as :func:`require_token` does, and return it.

    For places that a decorator does not reach: resolvers, sockets, long streams. The
    token is looked up in every call, so that one which has expired or was revoked since
    the last is refused. A stream that calls it is preceded by a call in its view, while
    caches can still be told that the answer is for one caller.

    :returns: the token, `current_token` from here on. None where there is none and
        `optional` lets that pass; None too for an ``OPTIONS`` request that Flask
        answers by itself, which a function under ``before_request`` sees: browsers send
        no token with those.
    :raises werkzeug.exceptions.HTTPException: the refusal, its answer finished.
    """
    arguments = GuardArguments.check(scopes, any_of, optional, locations)
    if _is_answered_by_flask():
        return None
    return _verify(arguments, get_app_state().protector.acquire_token)


class _NoToken:
    """Stands in for the token where there is none."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "<no token>"

    def __getattr__(self, name: str) -> NoReturn:
        where = "outside of a request"
        if has_request_context():
            where = f"in this request to the view {request.endpoint!r}"
        raise AttributeError(
            f"current_token.{name}: there is no token {where}. Guard the view with "
            "@require_token, or ask `if current_token:` where the token is optional",
            name=name,
        )


_NO_TOKEN = _NoToken()


def _current_token() -> AccessToken | _NoToken:
    request_state = find_request_state() if has_request_context() else None
    token = None if request_state is None else request_state.token
    return _NO_TOKEN if token is None else token


current_token: AccessToken = cast("AccessToken", LocalProxy(_current_token))
"""The token of this request, as checked; falsy where there is none."""


def _is_answered_by_flask() -> bool:
    """Tell whether this is a CORS preflight, or the like, that reaches no view."""
    if request.method != "OPTIONS":
        return False
    return getattr(request.url_rule, "provide_automatic_options", False)


def _verify(
    arguments: GuardArguments, acquire: Callable[..., AccessToken]
) -> AccessToken | None:
    state = get_app_state()
    arguments.check_scopes(state.config.scopes)
    locations = arguments.locations or state.config.token_locations
    if arguments.optional:
        # With and without a token there are two answers at one URL.
        get_request_state().varies_by |= vary_headers(locations)
    try:
        return acquire(arguments.alternatives, locations=locations)
    except OAuth2Error as error:
        if not (arguments.optional and isinstance(error, TokenRequiredError)):
            state.protector.raise_error_response(error)
    return None


def _guarded(view: Callable[P, R], arguments: GuardArguments) -> Callable[P, R]:
    if inspect.isclass(view):
        raise TypeError(
            f"require_token guards functions; put it into {view.__name__}.decorators"
        )
    if not callable(view):
        raise TypeError(f"require_token guards functions, and {view!r} is none")
    guarded = _guarded_async if inspect.iscoroutinefunction(view) else _guarded_plain
    mark_as_guarded(view)
    return cast("Callable[P, R]", guarded(view, arguments))


# Flask answers some requests by itself, and goes on where a function under
# `before_request` returns None: such a function does not run without its token.


def _guarded_plain(
    view: Callable[..., Any], arguments: GuardArguments
) -> Callable[..., Any]:
    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if _is_answered_by_flask():
            return None
        _verify(arguments, get_app_state().protector.check_token)
        return view(*args, **kwargs)

    return guarded


def _guarded_async(
    view: Callable[..., Any], arguments: GuardArguments
) -> Callable[..., Any]:
    # Still a coroutine function: Flask and other decorators look at that.
    @functools.wraps(view)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        if _is_answered_by_flask():
            return None
        _verify(arguments, get_app_state().protector.check_token)
        return await view(*args, **kwargs)

    return guarded
