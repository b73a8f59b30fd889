"""Revoke tokens, and tell who listens."""

from __future__ import annotations

import time

from .. import signals
from .._store import Store
from .._store.events import Event
from .._store.refresh_tokens import StoredRefreshToken
from ..models import ClientMixin
from .reader import TokenReader
from .token import AccessToken


class Revoker:
    """Revokes the tokens of one app.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, store: Store, reader: TokenReader, sender: object) -> None:
        self._store = store
        self._reader = reader
        self._sender = sender

    def revoke_all(
        self, client: ClientMixin | None, user_id: str | None, reason: str
    ) -> int:
        """Revoke the tokens of a client, of a user, or of both; of neither is all.

        :returns: how many were active. A token family counts as one.
        """
        now = int(time.time())
        event = self._event(client, user_id, reason)
        # First the codes, then the families, then the access tokens: a client could
        # exchange a code or a refresh token for a new access token in between.
        store = self._store
        store.codes.delete(client, user_id)
        try:
            count = store.refresh_tokens.revoke(
                now, event, client=client, user_id=user_id
            )
        finally:
            # Also if the families are revoked, and other processes could not be told.
            others = store.tokens.revoke(now, event, client=client, user_id=user_id)
        count += others
        self._send(client, count, reason)
        return count

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
            return self.revoke_family(found, client, reason)
        digest = self._reader.digest_of(token)
        if digest is None:
            return 0
        return self.revoke_digest(digest, client, found.user_id, reason)

    def revoke_digest(
        self, digest: bytes, client: ClientMixin, user_id: str | None, reason: str
    ) -> int:
        """Revoke the access token of this digest; return 1 or 0 as :meth:`revoke`."""
        event = self._event(client, user_id, reason)
        count = self._store.tokens.revoke_one(digest, int(time.time()), event)
        self._send(client, count, reason)
        return count

    def revoke_family(
        self, token: StoredRefreshToken, client: ClientMixin, reason: str
    ) -> int:
        """Revoke the family of a refresh token; return 1 or 0 as :meth:`revoke`."""
        count = self._store.refresh_tokens.revoke_family(
            token.family_id,
            int(time.time()),
            self._event(client, token.user_id, reason),
        )
        self._send(client, count, reason)
        return count

    def _send(self, client: ClientMixin | None, count: int, reason: str) -> None:
        if count:
            signals.token_revoked.send(
                self._sender, client=client, count=count, reason=reason
            )

    def _event(
        self, client: ClientMixin | None, user_id: str | None, reason: str
    ) -> Event | None:
        return self._store.events.make(
            signals.token_revoked.name,
            client_id=None if client is None else client.client_id,
            user_id=user_id,
            reason=reason,
        )
