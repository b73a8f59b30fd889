"""The guard that hosts put on their views, and the token that it accepted."""

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
from .marks import mark_as_guard, mark_as_guarded
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
    """Run a view only for requests with a valid access token::

        @app.get("/api/orders")
        @require_token("orders:read")
        def orders(): ...

    It guards plain and ``async def`` views, ``MethodView.decorators`` and
    ``before_request`` functions. ``@require_token`` alone accepts any scopes.

    Several guards look the token up once, and again after one second. An ``OPTIONS``
    request that Flask answers itself passes; a guarded ``before_request`` function does
    not run for it.

    :param scopes: the token must have all of these scopes.
    :param any_of: the token must have at least one of these scopes.
    :param optional: accept requests without a token too; `current_token` is falsy then.
        An invalid token is refused all the same.
    :param locations: where the token may be: some of ``bearer``, ``header``, ``body``
        and ``query``. None is the setting ``TAPAUTH_TOKEN_LOCATIONS``.
    :raises TypeError: an argument has the wrong type, or a class was decorated.
    :raises ValueError: an argument has a value that makes no sense.
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
    """Check this request's token like :func:`require_token`, and return it.

    For code that a decorator does not reach: resolvers, sockets, long streams. Every
    call looks the token up, and refuses it once it has expired or was revoked. If a
    stream calls it, call it in the view first, so that caches are told that the answer
    is for one caller.

    :returns: the token, which is then `current_token`. None if there is no token and
        `optional` is true, or for an ``OPTIONS`` request that Flask answers itself:
        browsers send no token with it.
    :raises werkzeug.exceptions.HTTPException: the refusal, with its finished answer.
    """
    arguments = GuardArguments.check(scopes, any_of, optional, locations)
    if _is_answered_by_flask():
        return None
    return _verify(arguments, get_app_state().protector.acquire_token)


class _NoToken:
    """What `current_token` is if there is no token."""

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
            "@require_token, or test `if current_token:` if the token is optional",
            name=name,
        )


_NO_TOKEN = _NoToken()


def _current_token() -> AccessToken | _NoToken:
    request_state = find_request_state() if has_request_context() else None
    token = None if request_state is None else request_state.token
    return _NO_TOKEN if token is None else token


current_token: AccessToken = cast("AccessToken", LocalProxy(_current_token))
"""The checked token of this request; falsy if there is none."""


def _is_answered_by_flask() -> bool:
    """Tell whether Flask answers an OPTIONS request without a view, as in CORS."""
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
        # Answers with and without a token differ, and have the same URL.
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
        raise TypeError(f"require_token guards functions, and not {view!r}")
    mark_as_guarded(view)
    call: Callable[..., Any] = view

    # A `before_request` function returns None to let Flask go on. So it does not run
    # for requests that Flask answers itself, which carry no token.

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if _is_answered_by_flask():
            return None
        _verify(arguments, get_app_state().protector.check_token)
        return call(*args, **kwargs)

    @functools.wraps(view)
    async def guarded_async(*args: Any, **kwargs: Any) -> Any:
        if _is_answered_by_flask():
            return None
        _verify(arguments, get_app_state().protector.check_token)
        return await call(*args, **kwargs)

    # Flask and other decorators test whether a view is a coroutine function.
    is_async = inspect.iscoroutinefunction(view)
    guard = guarded_async if is_async else guarded
    mark_as_guard(guard, arguments)
    return cast("Callable[P, R]", guard)
