"""Issue tokens: generate them, store them, and send the signal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError

from .. import signals
from .._base import secrets as _secrets
from .._base.config import Config
from .._base.ids import check_user_id
from .._base.moments import check_lifetime
from .._base.scopes import join_scopes, parse_scopes
from .._store import Store
from .._store.refresh_tokens import StoredRefreshToken
from ..errors import RefreshTokenError, RegistrationError
from ..models import ClientMixin
from .announcement import announce_revoked
from .generator import TokenGenerator
from .token import AccessToken, Grant, TokenResponse

log = logging.getLogger(__name__)


class Issuer:
    """Issues the tokens of one app. All that goes into the token tables passes here.

    :param find_user: returns the host's user with an id, or None.
    :param generate: generates opaque or signed tokens.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        find_user: Callable[[str | None], Any],
        generate: TokenGenerator,
        sender: object,
    ) -> None:
        self.generate = generate
        self._config = config
        self._store = store
        self._find_user = find_user
        self._sender = sender

    def issue(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | int | None,
        expires_in: int | None,
        *,
        ends_at: int | None = None,
    ) -> TokenResponse:
        """Issue an access token without a request.

        :param ends_at: the latest time that it may expire, for tests.
        :raises RegistrationError: the client may not have such a token.
        """
        scope, owner_id = self.check(client, scopes, user_id, expires_in)
        grant = Grant(
            user_id=owner_id,
            user=self._find_user(owner_id),
            audience=self._config.own_audience,
            ends_at=ends_at,
        )
        token = self.generate.generate(
            "",
            client,
            scope=scope,
            expires_in=expires_in,
            grant=grant,
            # An empty scope means all scopes to the generator.
            without_scope=scope == "",
        )
        self.save(client, token)
        return token

    def check(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | int | None,
        expires_in: int | None,
    ) -> tuple[str | None, str | None]:
        """Check the arguments of :meth:`issue`, and change nothing.

        :returns: the scope and the user's id, as they are stored.
        :raises RegistrationError: the client may not have such a token.
        """
        if client.is_disabled or client.is_expired():
            raise RegistrationError("the client is disabled or its secret has expired")
        if expires_in is not None:
            _checked("expires_in", check_lifetime, expires_in)
        owner_id = None if user_id is None else check_user_id(user_id)
        scope = None
        if scopes is not None:
            scope = join_scopes(_checked("scopes", parse_scopes, scopes))
        try:
            self.generate.get_allowed_scope(client, scope)
        except InvalidScopeError:
            raise RegistrationError(
                "the client is not registered for all of these scopes; it has: "
                f"{join_scopes(client.scopes) or 'none'}",
                "scopes",
            ) from None
        return scope, owner_id

    def save(
        self,
        client: ClientMixin,
        token: TokenResponse,
        refreshed: StoredRefreshToken | None = None,
    ) -> None:
        """Store generated tokens, and send ``token_issued``.

        :param refreshed: the refresh token that they replace.
        :raises RegistrationError: the client was deleted in the meantime.
        :raises RefreshTokenError: the refresh token was used in the meantime.
        """
        # After the commit, SQLAlchemy would query it again.
        client_id = client.client_id
        scopes, audience = parse_scopes(token["scope"]), token.grant.audience
        common: dict[str, Any] = {
            "user_id": token.grant.user_id,
            "scopes": scopes,
            "issued_at": token.issued_at,
        }
        expires_at = token.issued_at + token["expires_in"]
        row = {
            **common,
            "digest": token.digest,
            "expires_at": expires_at,
            "audience": audience or None,
        }
        if "refresh_token" not in token:
            self._store.tokens.insert(client, row)
        elif refreshed is None:
            family = {
                **common,
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
                client_id=client_id, expires_at=expires_at, audience=audience, **common
            ),
        )

    def end_family(
        self, client: ClientMixin, token: StoredRefreshToken, reason: str
    ) -> None:
        """Revoke the family of a refresh token.

        :param reason: for the signal ``token_revoked``.
        """
        revoked = self._store.refresh_tokens.revoke_family(
            token.family_id, int(time.time())
        )
        if revoked.count and reason == "reuse":
            log.warning(
                "A refresh token of client %r was used twice: its family is revoked.",
                token.client_id,
            )
        announce_revoked(self._sender, client, revoked, reason)


def _checked(argument: str, check: Callable[[Any], Any], value: Any) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise RegistrationError(str(error), argument) from None
