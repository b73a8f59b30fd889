"""Issue tokens: generate them, store them, and send the signal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError

from .. import signals
from .._base import secrets as _secrets
from .._base.config import Config
from .._base.ids import check_user_id
from .._base.moments import check_lifetime
from .._base.scopes import join_scopes, parse_scopes
from .._store import Store
from .._store.codes import StoredCode
from .._store.events import Event
from .._store.refresh_tokens import StoredRefreshToken
from ..errors import RefreshTokenError, RegistrationError
from ..models import ClientMixin
from .generator import DIRECT, TokenGenerator
from .revoker import Revoker
from .token import AccessToken, Grant, TokenResponse

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """The arguments of a token that is issued without a request, as they are stored."""

    scope: str | None
    user_id: str | None
    expires_in: int | None
    audience: tuple[str, ...]


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
        revoker: Revoker,
        sender: object,
    ) -> None:
        self.generate = generate
        self._config = config
        self._store = store
        self._find_user = find_user
        self._revoker = revoker
        self._sender = sender

    def issue(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | int | None,
        expires_in: int | timedelta | None,
        resource: str | None = None,
        *,
        ends_at: int | None = None,
    ) -> TokenResponse:
        """Issue a token without a request, as :meth:`Tokens.issue` describes.

        :param ends_at: the latest time that it may expire, for tests.
        :raises RegistrationError: the client may not have such a token.
        """
        wanted = self.check(client, scopes, user_id, expires_in, resource)
        grant = Grant(
            user_id=wanted.user_id,
            user=self._find_user(wanted.user_id),
            audience=wanted.audience,
            ends_at=ends_at,
        )
        token = self.generate.generate(
            DIRECT,
            client,
            scope=wanted.scope,
            expires_in=wanted.expires_in,
            grant=grant,
            # An empty scope means all scopes to the generator.
            without_scope=wanted.scope == "",
        )
        self.save(client, token)
        return token

    def check(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | int | None,
        expires_in: int | timedelta | None,
        resource: str | None,
    ) -> Wanted:
        """Check the arguments of :meth:`issue`, and change nothing.

        :raises RegistrationError: the client may not have such a token.
        """
        if client.is_disabled or client.is_expired():
            raise RegistrationError("the client is disabled or its secret has expired")
        scope = seconds = None
        if expires_in is not None:
            seconds = _checked("expires_in", check_lifetime, expires_in)
        owner_id = None if user_id is None else check_user_id(user_id)
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
        return Wanted(scope, owner_id, seconds, self._audience(resource))

    def _audience(self, resource: str | None) -> tuple[str, ...]:
        own = self._config.own_audience
        if resource is None or (resource,) == own:
            return own
        offered = self._config.resources or own
        if resource not in offered:
            raise RegistrationError(
                f"no tokens are issued for {resource!r}; TAPAUTH_RESOURCES has "
                f"{', '.join(offered) or 'nothing'}",
                "resource",
            )
        return (resource,)

    def save(
        self,
        client: ClientMixin,
        token: TokenResponse,
        refreshed: StoredRefreshToken | None = None,
        code: StoredCode | None = None,
    ) -> None:
        """Store generated tokens, and send ``token_issued``.

        :param refreshed: the refresh token that they replace, or that the client keeps.
        :param code: the authorization code that they are issued for.
        :raises RegistrationError: the client was deleted in the meantime.
        :raises InvalidGrantError: the code was used in the meantime.
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
        event = self._store.events.make(
            signals.token_issued.name,
            client_id=client_id,
            user_id=token.grant.user_id,
            reason=token.grant_type,
        )
        if code is not None:
            self._redeem(client, code, token, row, event)
        elif "refresh_token" not in token and refreshed is not None:
            self._store.refresh_tokens.add_access_token(
                client, refreshed.family_id, row, event
            )
        elif "refresh_token" not in token:
            self._store.tokens.insert(client, row, event)
        elif refreshed is None:
            family = {
                **common,
                "audience": audience or None,
                "expires_at": token.grant.ends_at,
            }
            self._store.refresh_tokens.open_family(
                client, family, _secrets.digest(token["refresh_token"]), row, event
            )
        elif not self._store.refresh_tokens.rotate(
            client,
            refreshed,
            _secrets.digest(token["refresh_token"]),
            row,
            self._config.refresh_grace,
            event,
        ):
            self._revoker.revoke_family(
                refreshed.family_id, refreshed.user_id, client, "reuse"
            )
            raise RefreshTokenError
        signals.token_issued.send(
            self._sender,
            client=client,
            token=AccessToken(
                client_id=client_id, expires_at=expires_at, audience=audience, **common
            ),
        )

    def end_code(self, client: ClientMixin, code: StoredCode) -> None:
        """Revoke all that came of a code that is presented again (RFC 6749 §4.1.2)."""
        if code.family_id is not None:
            self._revoker.revoke_family(code.family_id, code.user_id, client, "reuse")

    def _redeem(
        self,
        client: ClientMixin,
        code: StoredCode,
        token: TokenResponse,
        row: dict[str, Any],
        event: Event | None,
    ) -> None:
        refresh_token = token.get("refresh_token")
        if not self._store.codes.redeem(
            client,
            code,
            row,
            None if refresh_token is None else _secrets.digest(refresh_token),
            token.grant.ends_at or row["expires_at"],
            event,
        ):
            # `redeem` has ended the transaction, so this reads what the winner stored.
            winner = self._store.codes.find(code.digest)
            if winner is not None:
                self.end_code(client, winner)
            raise InvalidGrantError("The code was used before.")


def _checked(argument: str, check: Callable[[Any], Any], value: Any) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise RegistrationError(str(error), argument) from None
