"""The protector: who may run a view, and what a refusal looks like."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn, cast

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError
from flask import Request, request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest, default_exceptions

from . import signals
from ._body import body_members
from ._identity import is_for_us
from ._metadata import protected_resource_url
from ._scopes import parse_scopes
from ._state import get_state
from ._tokens import AccessToken
from ._visit import get_visit
from .errors import (
    BadTokenRequestError,
    InsecureRequestError,
    ScopeRequiredError,
    TokenRequiredError,
)

_PARAMETER = "access_token"


class TokenValidator(BearerTokenValidator):
    """Reads tokens as the app's settings say, opaque or signed."""

    def authenticate_token(self, token_string: str) -> AccessToken | None:
        token = get_state().reader.read(token_string)
        return token if token is not None and is_for_us(token.audience) else None

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
        visit = get_visit()
        if visit.token is None:
            # Authlib's own would build the request's URL, which nobody reads. Flask's
            # proxy is looked through once: each look takes as long as a header does.
            asked = cast("Any", request)._get_current_object()
            token = self.validate_request(scopes, asked, **kwargs)
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
        scheme, credentials = _authorization(request)
        if scheme != "bearer" and scheme in self._token_validators:
            return self._token_validators[scheme], credentials
        tokens = [
            token
            for location in config.token_locations
            for token in _TOKENS_AT[location](request)
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
        if render is None:
            body = _encode(state.app.json, tuple(error.get_body()))
            response = state.app.response_class(body, mimetype="application/json")
        else:
            response = state.app.make_response(render(error))
        response.status_code = int(error.status_code)
        for name, value in error.get_headers():
            if name == "WWW-Authenticate" and response.status_code == 401:
                value = _with_metadata(value)
            if name != "Content-Type":
                response.headers[name] = value
        # A subclass of its own status, so that errorhandler(401) finds it.
        kind = default_exceptions[response.status_code]
        refusal = kind(error.get_error_description(), response=response)
        get_visit().refusal = refusal
        raise refusal from None


@functools.lru_cache(maxsize=64)
def _encode(json: JSONProvider, members: tuple[tuple[str, Any], ...]) -> str:
    # The same few again and again, and mostly for those who just try.
    return f"{json.dumps(dict(members))}\n"


def _with_metadata(challenge: str) -> str:
    """Say where a client learns how to come by a token (RFC 9728 §5.1)."""
    try:
        url = protected_resource_url()
    except BadRequest:
        return challenge  # from a Host header that names no host
    separator = "," if "=" in challenge else ""
    return f'{challenge}{separator} resource_metadata="{url}"'


def _authorization(request: Request) -> tuple[str, str]:
    header: str = request.environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, credentials = header.partition(" ")
    return scheme.lower(), credentials.strip()


def _bearer_tokens(request: Request) -> list[str]:
    # Servers join a repeated header by commas, which no token has.
    scheme, tokens = _authorization(request)
    return tokens.split(",") if scheme == "bearer" else []


def _header_tokens(request: Request) -> list[str]:
    # WSGI has one name for `access_token` and `Access-Token`, and joins both.
    header = request.environ.get("HTTP_ACCESS_TOKEN")
    if not header:
        return []
    return [part.strip() for part in header.split(",") if part.strip()]


def _body_tokens(request: Request) -> list[str]:
    if not request.environ.get("CONTENT_LENGTH"):
        return []  # as with most requests; the rest takes longer to find out
    try:
        members = body_members(request) or ()
    except ValueError:
        return []  # the view's own affair
    return [str(token) for name, token in members if name == _PARAMETER and token]


def _query_tokens(request: Request) -> list[str]:
    if not request.query_string:
        return []
    tokens = [token for token in request.args.getlist(_PARAMETER) if token]
    get_visit().token_in_url = bool(tokens)
    return tokens


_TOKENS_AT: dict[str, Callable[[Request], list[str]]] = {
    "bearer": _bearer_tokens,
    "header": _header_tokens,
    "body": _body_tokens,
    "query": _query_tokens,
}
