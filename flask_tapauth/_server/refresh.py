"""The refresh token grant, on top of Authlib's: each refresh token is used once."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as AuthlibRefreshTokenGrant
from authlib.oauth2.rfc6749.hooks import hooked

from .._app.app_state import get_app_state
from .._base.scopes import join_scopes, parse_scopes
from .._store.refresh_tokens import StoredRefreshToken
from ..errors import RefreshTokenError
from ..models import ClientMixin
from .client_auth import METHODS
from .gate import allowed_scope


class RefreshTokenGrant(AuthlibRefreshTokenGrant):
    """A client renews its tokens (RFC 6749 §6, RFC 9700 §4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def _validate_request_token(self, client: ClientMixin) -> StoredRefreshToken:
        value = self.request.form.get("refresh_token")
        if value is None:
            raise InvalidRequestError("The refresh_token is missing.")
        token = self.authenticate_refresh_token(value)
        if token is None or not token.check_client(client):
            raise RefreshTokenError
        state = get_app_state()
        grace = state.config.refresh_grace
        if token.is_spent(grace):
            self._end(client, token, "reuse")
        elif not state.people.may_go_on(token.user_id):
            # Ended for good: another person may get this id later.
            self._end(client, token, "person")
        elif token.is_usable(grace):
            return token
        raise RefreshTokenError

    @staticmethod
    def _end(client: ClientMixin, token: StoredRefreshToken, reason: str) -> None:
        get_app_state().revoker.revoke_family(
            token.family_id, token.user_id, client, reason
        )

    def _validate_token_scope(self, token: StoredRefreshToken) -> None:
        """Check that the scope is narrowed and not widened (RFC 6749 §6)."""
        client, asked = self.request.client, self.request.payload.scope
        offered = parse_scopes(allowed_scope(client, None))
        allowed = [scope for scope in token.scopes if scope in offered]
        if asked is None:
            # Scopes that the client lost in the meantime are left out.
            self.request.scope = join_scopes(allowed)
            if token.scopes and not allowed:
                raise InvalidScopeError
            return
        try:
            scopes = parse_scopes(asked)
        except ValueError:
            raise InvalidScopeError from None
        if not set(scopes) <= set(allowed):
            raise InvalidScopeError
        self.request.scope = join_scopes(scopes)

    @hooked  # type: ignore[untyped-decorator]
    def create_token_response(self) -> tuple[int, Any, Any]:
        # Authlib's method needs a user, and revokes the old token after the response.
        # `save_token` replaces the old token by the new one in one transaction.
        refreshed = self.request.refresh_token
        self.request.user = get_app_state().people.find(refreshed.user_id)
        token = self.generate_token(
            user=self.request.user,
            scope=self.request.scope,
            include_refresh_token=not self.request.client.keeps_refresh_token,
        )
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER

    def authenticate_refresh_token(
        self, refresh_token: str
    ) -> StoredRefreshToken | None:
        return get_app_state().reader.find_refresh_token(refresh_token)
