"""The revocation and introspection endpoints: Authlib's, for our tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint as AuthlibRevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint as AuthlibIntrospectionEndpoint

from .._app.app_state import get_app_state
from .._app.identity import is_in_audience, issuer, own_audience, resource
from .._store.refresh_tokens import StoredRefreshToken
from .._tokens.token import AccessToken, subject
from ..errors import NotItsTokenError
from ..models import ClientMixin
from .client_auth import CONFIDENTIAL_METHODS, METHODS


class _AnyToken:
    """Find access tokens and refresh tokens, without a token type hint.

    Authlib would refuse unknown hints (RFC 7009 §2.1, RFC 7662 §2.1).
    """

    def check_params(self, request: OAuth2Request, client: ClientMixin) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("The token is missing.")

    def query_token(
        self, token: str, hint: str | None
    ) -> AccessToken | StoredRefreshToken | None:
        return get_app_state().reader.find_any(token)


class RevocationEndpoint(_AnyToken, AuthlibRevocationEndpoint):
    """A client revokes one of its tokens (RFC 7009)."""

    CLIENT_AUTH_METHODS = METHODS

    def authenticate_token(
        self, request: OAuth2Request, client: ClientMixin
    ) -> AccessToken | StoredRefreshToken | None:
        self.check_params(request, client)
        token = self.query_token(request.form["token"], None)
        if token is not None and not token.check_client(client):
            raise NotItsTokenError
        return token

    def revoke_token(
        self, token: AccessToken | StoredRefreshToken, request: OAuth2Request
    ) -> None:
        get_app_state().tokens.revoke_found(
            request.form["token"], token, request.client, "request"
        )


class IntrospectionEndpoint(_AnyToken, AuthlibIntrospectionEndpoint):
    """A client asks whether a token is active, and what it allows (RFC 7662)."""

    # Public clients prove nothing, so they learn nothing (RFC 7662 §4).
    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def check_permission(
        self,
        token: AccessToken | StoredRefreshToken,
        client: ClientMixin,
        request: OAuth2Request,
    ) -> bool:
        if token.check_client(client):
            return True
        # A resource server accepts every token that is active. So it must not learn of
        # refresh tokens (RFC 6749 §1.5), nor of access tokens for other resources.
        return (
            client.is_resource_server
            and isinstance(token, AccessToken)
            and is_in_audience(token.audience, client.resource_uri)
        )

    def create_introspection_payload(
        self, token: AccessToken | StoredRefreshToken | None
    ) -> dict[str, Any]:
        if token is None or not _is_active(token):
            return {"active": False}
        return self.introspect_token(token)

    def introspect_token(
        self, token: AccessToken | StoredRefreshToken
    ) -> dict[str, Any]:
        state = get_app_state()
        is_for_us_alone = token.audience in ((), own_audience())
        claims: dict[str, Any] = {
            "active": True,
            "client_id": token.client_id,
            "scope": " ".join(token.scopes),
            **subject(token.client_id, token.user_id),
            "aud": resource() if is_for_us_alone else list(token.audience),
            "iss": issuer(),
            "iat": token.issued_at,
            "exp": token.expires_at,
        }
        if isinstance(token, StoredRefreshToken):
            return claims
        user = state.people.find(token.user_id)
        name = state.people.name_of(user)
        if name is not None:
            claims["username"] = name
        client = token.client
        from_host: Mapping[str, Any] = {}
        if client is not None:
            from_host = state.hooks.claims(client, user, token.scopes)
        return {**from_host, **claims, "token_type": "Bearer"}


def _is_active(token: AccessToken | StoredRefreshToken) -> bool:
    if isinstance(token, StoredRefreshToken):
        state = get_app_state()
        client = state.store.clients.find(token.client_id)
        return (
            client is not None
            and client.check_grant_type("refresh_token")
            and token.is_usable(state.config.refresh_grace)
            and state.people.may_go_on(token.user_id)
        )
    return not (token.is_expired() or token.is_revoked())


ENDPOINTS: tuple[Any, ...] = (RevocationEndpoint, IntrospectionEndpoint)
