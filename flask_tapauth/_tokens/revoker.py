"""Revoke tokens, and send the signal."""

from __future__ import annotations

import logging
import time

from .. import signals
from .._store import Store
from .._store.events import Event
from .._store.refresh_tokens import StoredRefreshToken
from .._store.revocation import Revoked
from ..errors import NotPublishedError
from ..models import ClientMixin
from .reader import TokenReader
from .token import AccessToken

log = logging.getLogger(__name__)


class Revoker:
    """Revokes the tokens of one app.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, store: Store, reader: TokenReader, sender: object) -> None:
        self._store = store
        self._reader = reader
        self._sender = sender

    def revoke_all(
        self,
        client: ClientMixin | None,
        user_id: str | None,
        reason: str,
        completed: Event | None = None,
    ) -> int:
        """Revoke the tokens of a client, of a user, or of both; without either, all.

        :param completed: an event that is stored even if no token was active.
        :returns: how many were active. A token family counts as one.
        """
        event = self._event(client, user_id, reason)
        revoked = self._store.grants.end(
            int(time.time()), client, user_id, event, completed
        )
        return self._announce(client, revoked, reason)

    def revoke(
        self,
        token: str,
        found: AccessToken | StoredRefreshToken,
        client: ClientMixin,
        reason: str,
    ) -> int:
        """Revoke a token that was looked up; return 1, or 0 if it was revoked already.

        :param client: the client it was issued to.
        """
        if isinstance(found, StoredRefreshToken):
            # Access tokens of the same grant, too (RFC 7009 §2.1).
            return self.revoke_family(found.family_id, found.user_id, client, reason)
        digest = self._reader.digest_of(token)
        if digest is None:
            return 0
        return self.revoke_digest(digest, client, found.user_id, reason)

    def revoke_digest(
        self, digest: bytes, client: ClientMixin, user_id: str | None, reason: str
    ) -> int:
        """Revoke the access token of this digest; return 1 or 0."""
        event = self._event(client, user_id, reason)
        revoked = self._store.tokens.revoke_one(digest, int(time.time()), event)
        return self._announce(client, revoked, reason)

    def revoke_family(
        self, family_id: int, user_id: str | None, client: ClientMixin, reason: str
    ) -> int:
        """Revoke all tokens of one grant; return 1, or 0 if they were revoked already.

        :param reason: ``reuse`` if a refresh token or a code was used twice, so it was
            probably stolen (RFC 9700 §4.14.2, RFC 6749 §4.1.2).
        """
        event = self._event(client, user_id, reason)
        revoked = self._store.refresh_tokens.revoke_family(
            family_id, int(time.time()), event
        )
        if revoked.count and reason == "reuse":
            log.warning(
                "A refresh token or a code of client %r was used twice: all tokens of "
                "that grant are revoked.",
                client.client_id,
            )
        return self._announce(client, revoked, reason)

    def _announce(
        self, client: ClientMixin | None, revoked: Revoked, reason: str
    ) -> int:
        """Send ``token_revoked`` if anything was revoked; return how many were.

        :raises NotPublishedError: the tokens are revoked, but other processes could not
            be told. The signal is sent before, because a repeated call finds nothing to
            revoke.
        """
        if revoked.count:
            signals.token_revoked.send(
                self._sender, client=client, count=revoked.count, reason=reason
            )
        if not revoked.is_published:
            raise NotPublishedError
        return revoked.count

    def _event(
        self, client: ClientMixin | None, user_id: str | None, reason: str
    ) -> Event | None:
        return self._store.events.make(
            signals.token_revoked.name,
            client_id=None if client is None else client.client_id,
            user_id=user_id,
            reason=reason,
        )
