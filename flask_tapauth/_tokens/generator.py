"""Generate the tokens of a token response, and decide their scopes and lifetime."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6750 import BearerTokenGenerator

from .._base import secrets as _secrets
from .._base.config import Config
from .._base.scopes import join_scopes, parse_scopes
from ..models import ClientMixin
from .token import Grant, TokenResponse


class TokenGenerator(BearerTokenGenerator):
    """Generates opaque tokens: random strings whose digest is in the database."""

    def __init__(self, config: Config) -> None:
        # Authlib would call a generator without the grant, the scopes and the lifetime.
        BearerTokenGenerator.__init__(self, access_token_generator=None)
        self._config = config

    def generate(
        self,
        grant_type: str,
        client: ClientMixin,
        user: Any = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
        *,
        grant: Grant | None = None,
        without_scope: bool = False,
    ) -> TokenResponse:
        """Generate the tokens of a response. `Issuer.save` stores them.

        :param scope: None or empty for all scopes of the client.
        :param expires_in: seconds; None for the setting of the client or the app.
        :param without_scope: grant no scope at all.
        :raises InvalidScopeError: the client may not have all of these scopes.
        """
        grant = grant or Grant(user=user)
        now = int(time.time())
        allowed = "" if without_scope else self.get_allowed_scope(client, scope)
        has_refresh_token = include_refresh_token and self._may_refresh(
            grant_type, client
        )
        if has_refresh_token and grant.ends_at is None:
            ends_at: int | None = now + self._config.refresh_token_expires_in
        else:
            ends_at = grant.ends_at
        lifetime = expires_in or client.access_token_expires_in
        expires_at = now + (lifetime or self._config.access_token_expires_in)
        if ends_at is not None:
            expires_at = min(expires_at, ends_at)
        grant = replace(grant, ends_at=ends_at)
        access_token, digest = self.make_access_token(
            client, parse_scopes(allowed), grant, now, expires_at
        )
        token = TokenResponse(
            access_token=access_token,
            token_type="Bearer",  # noqa: S106 - a name, no secret
            expires_in=expires_at - now,
            scope=allowed,  # Authlib leaves an empty one out
        )
        if has_refresh_token:
            token["refresh_token"] = _secrets.generate("refresh_token")
        token.digest = digest
        token.grant = grant
        token.issued_at = now
        return token

    def make_access_token(
        self,
        client: ClientMixin,
        scopes: tuple[str, ...],
        grant: Grant,
        issued_at: int,
        expires_at: int,
    ) -> tuple[str, bytes]:
        """Return an access token and the digest that is stored of it."""
        token = _secrets.generate("access_token")
        return token, _secrets.digest(token)

    def get_allowed_scope(self, client: ClientMixin, scope: str | None) -> str:
        """Return the scope that a request is granted, limited to ``TAPAUTH_SCOPES``."""
        allowed: str = super().get_allowed_scope(client, scope)
        if self._config.scopes is None:
            return allowed
        scopes = parse_scopes(allowed)
        known = [s for s in scopes if s in self._config.scopes]
        if scope and len(known) < len(scopes):
            raise InvalidScopeError
        return join_scopes(known)

    def _may_refresh(self, grant_type: str, client: ClientMixin) -> bool:
        return (
            grant_type not in ("", "implicit")  # issued by code, or RFC 6749 §4.2.2
            and "refresh_token" in self._config.grant_types
            and client.check_grant_type("refresh_token")
        )
