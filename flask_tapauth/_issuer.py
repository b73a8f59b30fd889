"""Issue tokens: the one way into the token tables, from a request or from code."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError

from . import _secrets, signals
from ._config import Config
from ._people import People
from ._registration import check_lifetime, check_user_id
from ._scopes import join_scopes, parse_scopes
from ._store import Store
from ._store.refresh_tokens import StoredRefreshToken
from ._tokens import AccessToken, Grant, TokenGenerator, TokenResponse
from .errors import RefreshTokenError, RegistrationError
from .models import ClientMixin

log = logging.getLogger(__name__)


class Issuer:
    """Makes and stores the tokens of one app.

    :param generate: makes them, opaque or signed.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        people: People,
        generate: TokenGenerator,
        sender: object,
    ) -> None:
        self.generate = generate
        self._config = config
        self._store = store
        self._people = people
        self._sender = sender

    def issue(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | None,
        expires_in: int | None,
    ) -> TokenResponse:
        """Make and store an access token without a request.

        :raises RegistrationError: the client may not have these scopes, or any token.
        """
        if client.is_disabled or client.is_expired():
            raise RegistrationError("the client is disabled or its secret has expired")
        try:
            if expires_in is not None:
                check_lifetime(expires_in)
            if user_id is not None:
                check_user_id(user_id)
            wanted = None if scopes is None else parse_scopes(scopes)
        except ValueError as error:
            raise RegistrationError(str(error)) from None
        grant = Grant(user_id=user_id, user=self._people.find(user_id))
        try:
            token = self.generate.generate(
                "",
                client,
                scope=None if wanted is None else join_scopes(wanted),
                expires_in=expires_in,
                grant=grant,
                # Nothing was asked for, unlike nothing being said.
                is_bare=wanted == (),
            )
        except InvalidScopeError:
            raise RegistrationError(
                "the client is not registered for all of these scopes; it has: "
                f"{join_scopes(client.scopes) or 'none'}"
            ) from None
        self.save(client, token)
        return token

    def save(
        self,
        client: ClientMixin,
        token: TokenResponse,
        refreshed: StoredRefreshToken | None = None,
    ) -> None:
        """Store tokens that were generated, and tell who listens.

        :param refreshed: the refresh token that is used up by this.
        :raises RegistrationError: the client was deleted in the meantime.
        :raises RefreshTokenError: somebody else has used the refresh token.
        """
        # Read before the commit, after which SQLAlchemy would read it again.
        client_id = client.client_id
        scopes, audience = parse_scopes(token["scope"]), token.grant.audience
        shared: dict[str, Any] = {
            "user_id": token.grant.user_id,
            "scopes": scopes,
            "issued_at": token.issued_at,
        }
        expires_at = token.issued_at + token["expires_in"]
        row = {
            **shared,
            "digest": token.digest,
            "expires_at": expires_at,
            "audience": audience or None,
        }
        if "refresh_token" not in token:
            self._store.tokens.insert(client, row)
        elif refreshed is None:
            family = {
                **shared,
                "audience": audience or None,
                "expires_at": token.grant.ends_at,
            }
            self._store.refresh_tokens.open_family(
                client, family, _secrets.digest(token["refresh_token"]), row
            )
        elif not self._store.refresh_tokens.rotate(
            client,
            refreshed,
            _secrets.digest(token["refresh_token"]),
            row,
            self._config.refresh_grace,
        ):
            self.end_family(client, refreshed, "reuse")
            raise RefreshTokenError
        signals.token_issued.send(
            self._sender,
            client=client,
            token=AccessToken(
                client_id=client_id, expires_at=expires_at, audience=audience, **shared
            ),
        )

    def end_family(
        self, client: ClientMixin, token: StoredRefreshToken, reason: str
    ) -> None:
        """Revoke all tokens that came of the same grant.

        :param reason: ``person``: the resource owner is gone; ``reuse``: the token was
            used a second time, and one of the two who have it is a thief (RFC 9700
            §4.14.2).
        """
        revoked = self._store.refresh_tokens.revoke_family(
            token.family_id, int(time.time())
        )
        if not revoked:
            return
        if reason == "reuse":
            log.warning(
                "A refresh token of client %r was used twice: its family is revoked.",
                token.client_id,
            )
        signals.token_revoked.send(
            self._sender, client=client, count=revoked, reason=reason
        )
