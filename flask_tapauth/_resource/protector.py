"""Check the token of a request, and raise the refusal."""

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
from .._app.identity import is_in_audience
from .._app.refusals import report_refused_token
from .._app.request_state import get_request_state
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
from .metadata import protected_resource_url
from .places import authorization, tokens_by_location, vary_headers

_CHECK_VALID_FOR = 1
"""Seconds; a socket or a stream that calls guarded functions lives much longer."""


class TokenValidator(BearerTokenValidator):
    """Reads tokens as the app's settings say, opaque or signed."""

    def authenticate_token(self, token_string: str) -> AccessToken:
        reader = get_app_state().reader
        token = reader.read(token_string)
        if token is None:
            raise TokenRefusedError(reader.why_unknown(token_string))
        reason = token.fault()
        if reason is None and not is_in_audience(token.audience):
            reason = "audience"
        if reason is None and not is_allowed(
            request.remote_addr, token.allowed_networks
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
            raise ScopeRequiredError(parse_scopes(scopes or ()), token) from None


class Protector(ResourceProtector):
    """Authlib's protector, with all token locations.

    Scopes are Authlib's: a list of alternatives, each of which may name several scopes
    that are all required.
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

        :param locations: where it may be; None for ``TAPAUTH_TOKEN_LOCATIONS``.
        :raises OAuth2Error: the token is missing, invalid, or lacks a scope.
        """
        state, request_state = get_app_state(), get_request_state()
        if isinstance(scopes, str):
            scopes = [scopes]
        locations = locations or state.config.token_locations
        # Authlib's own would build the request's URL, which nobody reads. Flask's
        # proxy is looked through once: each look takes as long as a header does.
        asked = cast("Any", request)._get_current_object()
        try:
            token: AccessToken = self.validate_request(
                scopes, asked, locations=locations, **kwargs
            )
        except (TokenRequiredError, ScopeRequiredError):
            raise
        except OAuth2Error:
            request_state.token = None  # it was valid before and is not any more
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

        Guards of a blueprint and of its view are one check, and one statement.
        """
        request_state = get_request_state()
        token, (looked_in, last_check) = request_state.token, request_state.last_check
        if (
            not isinstance(token, AccessToken)
            or looked_in != locations  # elsewhere, there may be another
            or time.monotonic() - last_check > _CHECK_VALID_FOR
            or token.is_expired()
        ):
            return self.acquire_token(scopes, locations=locations)
        if self._token_validators["bearer"].scope_insufficient(token.scopes, scopes):
            raise ScopeRequiredError(parse_scopes(scopes or ()), token)
        return token

    def validate_request(
        self,
        scopes: list[str] | None,
        request: Any,
        *,
        locations: tuple[str, ...] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Override Authlib's method to pass `locations` on."""
        validator, value = self.parse_request_authorization(request, locations)
        validator.validate_request(request)
        token = validator.authenticate_token(value)
        validator.validate_token(token, scopes, request, **kwargs)
        return token

    def parse_request_authorization(
        self, request: Any, locations: tuple[str, ...] | None = None
    ) -> tuple[Any, str]:
        """Find the one token of a request, and who can validate it.

        :raises TokenRequiredError: there is none.
        :raises BadTokenRequestError: there are several (RFC 6750 §2).
        :raises InsecureRequestError: it came in the clear.
        :raises ConfigError: it is too late to tell caches of it.
        """
        config, request_state = get_app_state().config, get_request_state()
        locations = locations or config.token_locations
        scheme, credentials = authorization(request)
        if scheme != "bearer" and scheme in self._token_validators:
            return self._token_validators[scheme], credentials
        found = tokens_by_location(request, locations)
        if not found:
            # The host may answer this well, and a cache would then serve that answer
            # to those who send a token.
            request_state.varies_by |= vary_headers(locations)
            raise TokenRequiredError
        if found.keys() - {"bearer"}:
            if request_state.has_headers_out and not request_state.is_private:
                # Caches that were not told so would keep what it opens for everybody.
                raise ConfigError(
                    f"the view {request.endpoint!r} first looks for a token while its "
                    "answer is being streamed: call verify_token() in the view too, "
                    "before it returns"
                )
            request_state.is_private = True
            request_state.varies_by |= vary_headers(found.keys() - {"bearer"})
        tokens = [token for several in found.values() for token in several]
        if not config.allows_transport(request.scheme, request.host):
            raise InsecureRequestError
        if len(tokens) > 1:
            raise BadTokenRequestError("The request carries more than one token.")
        return self._token_validators["bearer"], tokens[0]

    def raise_error_response(self, error: OAuth2Error) -> NoReturn:
        """Raise the refusal as an HTTP error that carries its finished answer."""
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
            if name == "WWW-Authenticate" and response.status_code == 401:
                value = _with_metadata(value)
            if name != "Content-Type":
                response.headers[name] = value
        # A subclass of its own status, so that errorhandler(401) finds it.
        kind = default_exceptions[response.status_code]
        refusal = kind(error.get_error_description(), response=response)
        request_state = get_request_state()
        request_state.refusal, request_state.is_rendered = refusal, render is not None
        raise refusal from None


@functools.lru_cache(maxsize=64)
def _encode(json: JSONProvider, members: tuple[tuple[str, Any], ...]) -> str:
    # Refusals repeat a few bodies, so cache their JSON.
    return f"{json.dumps(dict(members))}\n"


def _with_metadata(challenge: str) -> str:
    """Add the URL of the resource metadata to a challenge (RFC 9728 §5.1)."""
    try:
        url = protected_resource_url()
    except BadRequest:
        return challenge  # from a Host header that names no host
    separator = "," if "=" in challenge else ""
    return f'{challenge}{separator} resource_metadata="{url}"'
