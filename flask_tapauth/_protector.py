"""The protector: who may run a view, and what a refusal looks like."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, ParamSpec, TypeVar, cast, overload

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError
from flask import Response, has_request_context, request
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.local import LocalProxy

from . import _secrets, signals
from ._body import body_members
from ._scopes import join_scopes, parse_scopes
from ._state import get_state
from ._tokens import AccessToken
from .errors import (
    BadTokenRequestError,
    InsecureRequestError,
    ScopeRequiredError,
    TokenRequiredError,
)

P = ParamSpec("P")
R = TypeVar("R")

_PARAMETER = "access_token"


class TokenValidator(BearerTokenValidator):
    """Looks tokens up in the app's store."""

    def authenticate_token(self, token_string: str) -> AccessToken | None:
        if not _secrets.is_generated("access_token", token_string):
            return None  # junk costs no query
        state = get_state()
        stored = state.store.tokens.find(_secrets.digest(token_string))
        if stored is None:
            return None
        return AccessToken(
            client_id=stored.client_id,
            user_id=stored.user_id,
            scopes=stored.scopes,
            issued_at=stored.issued_at,
            expires_at=stored.expires_at,
            is_withdrawn=stored.is_withdrawn(),
            _find_client=state.store.clients.find,
            _load_user=state.people.load,
        )

    def validate_token(
        self, token: AccessToken | None, scopes: list[str] | None, request: Any
    ) -> None:
        try:
            super().validate_token(token, scopes, request)
        except InsufficientScopeError:
            raise ScopeRequiredError(parse_scopes(scopes or ()), token) from None


class Protector(ResourceProtector):
    """Authlib's protector, taking the token from all places of the contract.

    Scopes are Authlib's: a list of alternatives, each of which may name several scopes
    that are all required.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_token_validator(TokenValidator())

    def acquire_token(
        self, scopes: list[str] | str | None = None, **kwargs: Any
    ) -> AccessToken:
        """Return the token of this request, looked up once however often it is asked.

        :raises OAuth2Error: there is none, or it does not open this.
        """
        if isinstance(scopes, str):
            scopes = [scopes]
        visit = _visit()
        if visit.token is None:
            # Authlib's own would build the request's URL, which nobody reads.
            token = self.validate_request(scopes, request, **kwargs)
            visit.token = token
            signals.token_authenticated.send(get_state().app, token=token)
        elif self._token_validators["bearer"].scope_insufficient(
            visit.token.scopes, scopes
        ):
            raise ScopeRequiredError(parse_scopes(scopes or ()), visit.token)
        return visit.token

    def parse_request_authorization(self, request: Any) -> tuple[Any, str]:
        """Find the one token of a request, and who can validate it.

        :raises TokenRequiredError: there is none.
        :raises BadTokenRequestError: there are several (RFC 6750 §2).
        :raises InsecureRequestError: it came in the clear.
        """
        config = get_state().config
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        scheme = scheme.lower()
        if scheme != "bearer" and scheme in self._token_validators:
            return self._token_validators[scheme], credentials.strip()
        tokens = [
            token
            for location in config.token_locations
            for token in _TOKENS_AT[location]()
        ]
        if not tokens:
            raise TokenRequiredError
        if not config.allows_transport(request.scheme, request.host):
            raise InsecureRequestError
        if len(tokens) > 1:
            raise BadTokenRequestError("The request carries more than one token.")
        return self._token_validators["bearer"], tokens[0]

    def raise_error_response(self, error: OAuth2Error) -> NoReturn:
        """Raise the refusal as an HTTP error that carries its finished answer."""
        state = get_state()
        signals.token_rejected.send(
            state.app, error=error.error, token=getattr(error, "token", None)
        )
        render = state.hooks.error_renderer
        body = dict(error.get_body()) if render is None else render(error)
        response = state.app.make_response(body)
        response.status_code = int(error.status_code)
        for name, value in error.get_headers():
            if name != "Content-Type":
                response.headers[name] = value
        # A subclass of its own status, so that errorhandler(401) finds it.
        kind = default_exceptions[response.status_code]
        refusal = kind(error.get_error_description(), response=response)
        _visit().refusal = refusal
        raise refusal from None


def _bearer_tokens() -> list[str]:
    # Servers join a repeated header by commas, which no token has.
    scheme, _, tokens = request.headers.get("Authorization", "").partition(" ")
    return tokens.strip().split(",") if scheme.lower() == "bearer" else []


def _header_tokens() -> list[str]:
    # WSGI has one name for `access_token` and `Access-Token`, and joins both.
    header = request.environ.get("HTTP_ACCESS_TOKEN", "")
    return [part.strip() for part in header.split(",") if part.strip()]


def _body_tokens() -> list[str]:
    try:
        members = body_members(request) or ()
    except ValueError:
        return []  # the view's own affair
    return [str(token) for name, token in members if name == _PARAMETER and token]


def _query_tokens() -> list[str]:
    if not request.query_string:
        return []
    tokens = [token for token in request.args.getlist(_PARAMETER) if token]
    _visit().token_in_url = bool(tokens)
    return tokens


_TOKENS_AT: dict[str, Callable[[], list[str]]] = {
    "bearer": _bearer_tokens,
    "header": _header_tokens,
    "body": _body_tokens,
    "query": _query_tokens,
}


@overload
def require_token(view: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def require_token(
    *scopes: str, any_of: Iterable[str] = (), optional: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def require_token(*scopes: Any, any_of: Any = (), optional: bool = False) -> Any:
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
    :raises TypeError: a scope is no string, or a class was decorated.
    :raises ValueError: a scope has a character that no scope may have.
    """
    if len(scopes) == 1 and not isinstance(scopes[0], str) and callable(scopes[0]):
        return _guarded(scopes[0], None, optional)
    wanted = _alternatives(scopes, any_of)
    return lambda view: _guarded(view, wanted, optional)


@overload
def verify_token(*scopes: str, any_of: Iterable[str] = ()) -> AccessToken: ...
@overload
def verify_token(
    *scopes: str, any_of: Iterable[str] = (), optional: Literal[False]
) -> AccessToken: ...
@overload
def verify_token(
    *scopes: str, any_of: Iterable[str] = (), optional: bool
) -> AccessToken | None: ...
def verify_token(
    *scopes: str, any_of: Iterable[str] = (), optional: bool = False
) -> AccessToken | None:
    """Check this request's token as :func:`require_token` does, and return it.

    For places that a decorator does not reach: ``before_request``, resolvers.

    :returns: the token; None where there is none and `optional` lets that pass.
    :raises werkzeug.exceptions.HTTPException: the refusal, its answer finished.
    """
    return _verify(_alternatives(scopes, any_of), optional)


def _current_token() -> AccessToken | None:
    return _visit().token if has_request_context() else None


current_token = cast("AccessToken", LocalProxy(_current_token))
"""The token of this request, as checked; falsy where there is none."""


def finish_response(response: Response) -> Response:
    """Put on what the host's own error handlers and views cannot know of.

    A refusal keeps its headers when an ``errorhandler`` made a new answer, and what a
    token in the URL gave access to is kept out of shared caches (RFC 6750 §2.3).
    """
    visit: _Visit | None = vars(_request()).get(_VISIT)
    if visit is None:
        return response
    if visit.refusal is not None and response.status_code == visit.refusal.code:
        for name, value in visit.refusal.get_response().headers:
            if not name.startswith("Content-"):
                response.headers.setdefault(name, value)
    if visit.token_in_url:
        response.cache_control.public = False
        response.cache_control.private = True
    return response


@dataclass(slots=True)
class _Visit:
    """What is known of one request.

    It hangs on Flask's request object, of which there is one for each request and app;
    ``g`` is shared by requests under one app context, as tests make them.
    """

    token: AccessToken | None = None
    refusal: HTTPException | None = None
    token_in_url: bool = False


_VISIT = "_tapauth_visit"


def _request() -> Any:
    return cast("Any", request)._get_current_object()


def _visit() -> _Visit:
    attributes = vars(_request())
    visit: _Visit | None = attributes.get(_VISIT)
    if visit is None:
        visit = attributes[_VISIT] = _Visit()
    return visit


def _alternatives(scopes: Iterable[str], any_of: Iterable[str]) -> list[str] | None:
    required = parse_scopes(scopes)
    choices = parse_scopes(any_of)
    if choices:
        return [join_scopes((*required, choice)) for choice in choices]
    return [join_scopes(required)] if required else None


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
