"""The endpoints beside the token endpoint: Authlib's, for our tokens."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint as AuthlibRevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint as AuthlibIntrospectionEndpoint

from ._client_auth import CONFIDENTIAL_METHODS, METHODS
from ._identity import issuer, resource
from ._state import get_state
from ._store.refresh_tokens import StoredRefreshToken
from ._tokens import AccessToken, subject
from .errors import NotItsTokenError
from .models import ClientMixin


class _AnyToken:
    """Finds tokens of both kinds.

    A hint only speeds a search up (RFC 7009 §2.1, RFC 7662 §2.1), and ours needs none;
    Authlib refuses hints that it does not know.
    """

    def check_params(self, request: OAuth2Request, client: ClientMixin) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("The token is missing.")

    def query_token(
        self, token: str, hint: str | None
    ) -> AccessToken | StoredRefreshToken | None:
        return get_state().reader.find_any(token)


class RevocationEndpoint(_AnyToken, AuthlibRevocationEndpoint):
    """A client takes one of its tokens back (RFC 7009)."""

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
        get_state().registry.revoke_found(
            request.form["token"], token, request.client, "request"
        )


class IntrospectionEndpoint(_AnyToken, AuthlibIntrospectionEndpoint):
    """A client asks what a token is worth (RFC 7662)."""

    # Who proves nothing learns nothing (RFC 7662 §4).
    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def check_permission(
        self,
        token: AccessToken | StoredRefreshToken,
        client: ClientMixin,
        request: OAuth2Request,
    ) -> bool:
        return client.is_resource_server or token.check_client(client)

    def create_introspection_payload(
        self, token: AccessToken | StoredRefreshToken | None
    ) -> dict[str, Any]:
        if token is None or not _is_active(token):
            return {"active": False}
        return self.introspect_token(token)

    def introspect_token(
        self, token: AccessToken | StoredRefreshToken
    ) -> dict[str, Any]:
        state = get_state()
        described: dict[str, Any] = {
            "active": True,
            "client_id": token.client_id,
            "scope": " ".join(token.scopes),
            **subject(token.client_id, token.user_id),
            "aud": list(token.audience) or resource(),
            "iss": issuer(),
            "iat": token.issued_at,
            "exp": token.expires_at,
        }
        if isinstance(token, StoredRefreshToken):
            return described
        user = state.people.find(token.user_id)
        name = state.people.name_of(user)
        if name is not None:
            described["username"] = name
        more: dict[str, Any] = {}
        client = token.client
        if client is not None:
            more.update(state.hooks.claims(client, user, token.scopes))
        return {**more, **described, "token_type": "Bearer"}


def _is_active(token: AccessToken | StoredRefreshToken) -> bool:
    if isinstance(token, StoredRefreshToken):
        state = get_state()
        client = state.store.clients.find(token.client_id)
        return (
            client is not None
            and client.check_grant_type("refresh_token")
            and token.is_usable(state.config.refresh_grace)
            and state.people.may_go_on(token.user_id)
        )
    return not (token.is_expired() or token.is_revoked())


ENDPOINTS: tuple[Any, ...] = (RevocationEndpoint, IntrospectionEndpoint)
