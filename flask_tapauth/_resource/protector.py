"""Check the token of a request, or refuse the request."""

from __future__ import annotations

import functools
import time
from typing import Any, NoReturn, cast

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenValidator, InsufficientScopeError
from flask import request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest, default_exceptions

from .. import signals
from .._app.app_state import get_app_state
from .._app.refusals import report_refused_token
from .._app.request_state import get_request_state
from .._app.resources import is_for_requested_resource
from .._base.scopes import parse_scopes
from .._clients.networks import is_allowed
from .._tokens.token import AccessToken
from ..errors import (
    BadTokenRequestError,
    ConfigError,
    InsecureRequestError,
    ScopeRequiredError,
    TokenRefusedError,
    TokenRequiredError,
)
from .caching import has_sent_headers
from .metadata import protected_resource_url
from .places import authorization, tokens_by_location, vary_headers

_CHECK_VALID_FOR = 1
"""Seconds after which a token is looked up again, as in long streams."""


class TokenValidator(BearerTokenValidator):
    """Reads tokens as the app's settings say, opaque or signed."""

    def authenticate_token(self, token_string: str) -> AccessToken:
        reader = get_app_state().reader
        token = reader.read(token_string)
        if token is None:
            raise TokenRefusedError(reader.why_unknown(token_string))
        reason = token.fault()
        if reason is None and not is_for_requested_resource(token.audience):
            reason = "audience"
        networks = token.allowed_networks
        if (
            reason is None
            and networks
            and not is_allowed(request.remote_addr, networks)
        ):
            reason = "network"
        if reason is not None:
            raise TokenRefusedError(reason, token.client_id)
        return token

    def validate_token(
        self, token: AccessToken | None, scopes: list[str] | None, request: Any
    ) -> None:
        try:
            super().validate_token(token, scopes, request)
        except InsufficientScopeError:
            raise ScopeRequiredError(_one_set(scopes), token) from None


class Protector(ResourceProtector):
    """Authlib's protector, with all token locations.

    `scopes` is a list of alternatives, as in Authlib. An alternative is a string with
    one or more scopes, which are all required.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_token_validator(TokenValidator())

    def acquire_token(
        self,
        scopes: list[str] | str | None = None,
        *,
        locations: tuple[str, ...] | None = None,
        **kwargs: Any,
    ) -> AccessToken:
        """Look up this request's token, even if it was looked up before.

        :param locations: None for ``TAPAUTH_TOKEN_LOCATIONS``.
        """
        state, request_state = get_app_state(), get_request_state()
        if isinstance(scopes, str):
            scopes = [scopes]
        locations = locations or state.config.token_locations
        # Authlib's request object would build the URL, which nothing reads here.
        # Unwrapped once: each access through Flask's proxy costs as much as a header.
        asked = cast("Any", request)._get_current_object()
        try:
            token: AccessToken = self.validate_request(
                scopes, asked, locations=locations, **kwargs
            )
        except OAuth2Error as error:
            if isinstance(error, (TokenRequiredError, TokenRefusedError)):
                error.scopes = _one_set(scopes)
            if not isinstance(error, (TokenRequiredError, ScopeRequiredError)):
                request_state.token = None  # an earlier check may have accepted it
            raise
        is_new_token = request_state.token != token
        request_state.token = token
        request_state.last_check = locations, time.monotonic()
        if is_new_token:
            token.note_use()
            signals.token_authenticated.send(state.app, token=token)
        return token

    def check_token(
        self, scopes: list[str] | None, *, locations: tuple[str, ...]
    ) -> AccessToken:
        """Check like `acquire_token`, but reuse a look-up of the last second.

        Otherwise guards of a blueprint and of its view would both look it up.
        """
        request_state = get_request_state()
        token, (looked_in, last_check) = request_state.token, request_state.last_check
        if (
            not isinstance(token, AccessToken)
            or looked_in != locations  # another token may be in other places
            or time.monotonic() - last_check > _CHECK_VALID_FOR
            or token.is_expired()
        ):
            return self.acquire_token(scopes, locations=locations)
        if self._token_validators["bearer"].scope_insufficient(token.scopes, scopes):
            raise ScopeRequiredError(_one_set(scopes), token)
        return token

    def validate_request(
        self,
        scopes: list[str] | None,
        request: Any,
        *,
        locations: tuple[str, ...] | None = None,
        **kwargs: Any,
    ) -> Any:
        # Authlib's method does not pass `locations` on.
        validator, value = self.parse_request_authorization(request, locations)
        validator.validate_request(request)
        token = validator.authenticate_token(value)
        validator.validate_token(token, scopes, request, **kwargs)
        return token

    def parse_request_authorization(
        self, request: Any, locations: tuple[str, ...] | None = None
    ) -> tuple[Any, str]:
        """Return the validator of the request's one token, and the token."""
        config, request_state = get_app_state().config, get_request_state()
        locations = locations or config.token_locations
        scheme, credentials = authorization(request)
        if scheme != "bearer" and scheme in self._token_validators:
            return self._token_validators[scheme], credentials
        found = tokens_by_location(request, locations)
        if not found:
            # The host may answer requests without a token otherwise, and a cache must
            # not serve that answer to callers with a token.
            request_state.varies_by |= vary_headers(locations)
            raise TokenRequiredError
        if found.keys() - {"bearer"}:
            if has_sent_headers(request) and not request_state.is_private:
                # A cache would keep the answer, and serve it to everybody.
                raise ConfigError(
                    f"the view {request.endpoint!r} checks a token while its answer is "
                    "streamed, and not before: call verify_token() in the view too, "
                    "before it returns"
                )
            request_state.is_private = True
            request_state.varies_by |= vary_headers(found.keys() - {"bearer"})
        tokens = [token for several in found.values() for token in several]
        if not config.allows_transport(request.scheme, request.host):
            raise InsecureRequestError
        if len(tokens) > 1:  # RFC 6750 §2
            raise BadTokenRequestError("The request carries more than one token.")
        return self._token_validators["bearer"], tokens[0]

    def raise_error_response(self, error: OAuth2Error) -> NoReturn:
        """Raise an error as an HTTP error with its finished answer."""
        state = get_app_state()
        report_refused_token(error)
        render = state.hooks.error_renderer
        if render is None:
            body = _encode(state.app.json, tuple(error.get_body()))
            response = state.app.response_class(body, mimetype="application/json")
        else:
            response = state.app.make_response(render(error))
        response.status_code = int(error.status_code)
        for name, value in error.get_headers():
            if name == "WWW-Authenticate" and response.status_code in (401, 403):
                value = _with_metadata(value)
            if name != "Content-Type":
                response.headers[name] = value
        # The class of the status, so that errorhandler(401) finds the refusal.
        kind = default_exceptions[response.status_code]
        refusal = kind(error.get_error_description(), response=response)
        request_state = get_request_state()
        request_state.refusal, request_state.is_rendered = refusal, render is not None
        raise refusal from None


def _one_set(alternatives: list[str] | None) -> tuple[str, ...]:
    """Return one set of scopes that opens the view, for a client to ask for."""
    return parse_scopes(alternatives[0]) if alternatives else ()


@functools.lru_cache(maxsize=64)
def _encode(json: JSONProvider, members: tuple[tuple[str, Any], ...]) -> str:
    # Refusals repeat a few bodies, so cache their JSON.
    return f"{json.dumps(dict(members))}\n"


def _with_metadata(challenge: str) -> str:
    """Add the URL of the resource metadata to a challenge (RFC 9728 §5.1)."""
    try:
        url = protected_resource_url()
    except BadRequest:
        return challenge  # the Host header names no host
    separator = "," if "=" in challenge else ""
    return f'{challenge}{separator} resource_metadata="{url}"'
