"""The checks in front of every grant, ours and those that hosts register.

Authlib leaves these checks to each grant. A grant that forgets one would accept a
disabled client, or issue a token for more than a person allowed.
"""

from __future__ import annotations

from typing import Protocol

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Request,
    UnauthorizedClientError,
)

from .._app.app_state import get_app_state
from .._app.identity import audience_for, own_audience
from .._base import secrets as _secrets
from .._base.scopes import join_scopes, parse_scopes
from .._store.codes import StoredCode
from ..errors import ResponseTypeNotOfferedError, UniformClientError
from ..models import ClientMixin
from .client_auth import Query, check_alive
from .requests import AuthorizationRequest, PostedRequest

_DECIDED_HERE = (None, "client_credentials", "refresh_token")
"""Grant types whose token request decides about the resource. For any other grant, a
person decided before, at the authorization endpoint. (None: an authorization request.)
"""


class Granted(Protocol):
    """What a person, or an earlier request, granted to a client."""

    @property
    def user_id(self) -> str | None: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def audience(self) -> tuple[str, ...]: ...


def check_authorization_request(
    request: AuthorizationRequest, query_client: Query, response_types: list[str]
) -> None:
    """Check an authorization request before its grant sees it.

    :raises OAuth2Error: with a `redirect_uri` only if it is proven; otherwise the error
        is for the person (RFC 6749 §4.1.2.1).
    """
    client = request.client = _proven_client(request, query_client)
    request.proven_redirect_uri = _proven_redirect_uri(request, client)
    try:
        if request.fault is not None:
            raise InvalidRequestError(request.fault)
        _check_response_type(request.payload.response_type, client, response_types)
        request.resolve_scope(allowed_scope(client, request.payload.scope))
        allowed_audience(request)
    except OAuth2Error as error:
        error.redirect_uri = request.proven_redirect_uri
        raise


def check_token_request(request: PostedRequest, client: ClientMixin) -> None:
    """Check the token request of an authenticated client (RFC 6749 §5.2)."""
    check_grant_type(client, request.payload.grant_type)
    if request.payload.grant_type == "authorization_code":
        request.granted = _granted_with_code(request, client)
    else:
        allowed_scope(client, request.payload.scope)
    allowed_audience(request)


def check_grant_type(client: ClientMixin, grant_type: str) -> None:
    """:raises UnauthorizedClientError: the client is not registered for the grant."""
    if not client.check_grant_type(grant_type):
        raise UnauthorizedClientError("The client is not registered for this grant.")


def allowed_scope(client: ClientMixin, scope: str | None) -> str:
    """Return the scope that a request for `scope` gets; None requests the default."""
    return get_app_state().issuer.generate.get_allowed_scope(client, scope)


def granted_to(request: OAuth2Request) -> Granted | None:
    """Return the earlier grant that the tokens of this request must not exceed."""
    granted: Granted | None = request.refresh_token or getattr(request, "granted", None)
    return granted


def allowed_audience(request: OAuth2Request) -> tuple[str, ...]:
    """Return the audience of the requested token (RFC 8707)."""
    granted = granted_to(request)
    if granted is not None:
        bound: tuple[str, ...] | None = granted.audience
    elif request.payload.grant_type in _DECIDED_HERE:
        bound = None
    else:
        bound = own_audience()
    return audience_for(request.payload.data.get("resource"), bound)


def bounded_scope(
    client: ClientMixin, scope: str | None, granted: Granted | None
) -> str:
    """Return the scope of a token: what a grant requests, within what was granted."""
    allowed = allowed_scope(client, scope)
    if granted is None:
        return allowed
    return join_scopes(s for s in parse_scopes(allowed) if s in granted.scopes)


def _granted_with_code(request: PostedRequest, client: ClientMixin) -> StoredCode:
    """Return what a person granted with the code that a client presents.

    A code that is unknown here is refused. The person may have revoked the grant, and
    the host's code grant does not know that.
    """
    code = request.form.get("code")
    if code is None:
        raise InvalidRequestError("The code is missing.")
    found = get_app_state().store.codes.find(_secrets.digest(code))
    if found is None or found.client_id != client.client_id:
        raise InvalidGrantError(
            "The code is unknown, expired, revoked, or another client's."
        )
    if found.used_at is not None:
        # Before all other checks: whatever else the request says, the code is out.
        get_app_state().issuer.end_code(client, found)
        raise InvalidGrantError("The code was used before.")
    return found


def _proven_client(request: AuthorizationRequest, query_client: Query) -> ClientMixin:
    """Return the client of an authorization request, which has no secret to check."""
    client_id = request.payload.client_id
    client = query_client(client_id) if client_id else None
    if client is None:
        raise UniformClientError("unknown_client", client_id)
    return check_alive(client)


def _proven_redirect_uri(request: AuthorizationRequest, client: ClientMixin) -> str:
    """Return the redirect URI, if the client registered exactly it (RFC 9700 §2.1)."""
    uri = request.payload.redirect_uri
    if "redirect_uri" not in request.doubtful:
        # A repeated or malformed one must not be replaced by the default.
        uri = uri or client.get_default_redirect_uri()
    if not uri or not client.check_redirect_uri(uri):
        # Without the URI, which may contain anything; Authlib's error repeats it.
        raise InvalidRequestError("The redirect URI is not registered for this client.")
    return str(uri)


def _check_response_type(
    response_type: str | None, client: ClientMixin, offered: list[str]
) -> None:
    if not response_type:
        raise InvalidRequestError("The response_type is missing.")
    if response_type not in offered:
        raise ResponseTypeNotOfferedError
    if not client.check_response_type(response_type):
        raise UnauthorizedClientError(
            "The client is not registered for this response type."
        )
