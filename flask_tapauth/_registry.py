"""The tokens there are: list them, take them back, clear them away."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import Final, NamedTuple

from . import signals
from ._clients import Clients, HasClientId
from ._columns import has_passed
from ._reader import TokenReader
from ._registration import check_user_id
from ._store import Store
from ._store.refresh_tokens import StoredRefreshToken
from ._tokens import AccessToken
from .models import ClientMixin

MAX_BATCH: Final = 10_000
"""Rows deleted at a time; databases take so many parameters, and no more."""


class ListedToken(NamedTuple):
    """A token, access or refresh, as it is listed."""

    kind: str
    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    state: str


class Registry:
    """The tokens of one app.

    :param grace: seconds for which a used refresh token serves again.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        store: Store,
        clients: Clients,
        reader: TokenReader,
        grace: int,
        sender: object,
    ) -> None:
        self._store = store
        self._clients = clients
        self._reader = reader
        self._grace = grace
        self._sender = sender

    def list(
        self, client: str | None, user_id: str | None, state: str, limit: int
    ) -> tuple[list[ListedToken], bool]:
        """Return the newest tokens of a state, and whether there are more.

        :param state: ``active``, ``expired``, ``revoked``, ``used`` or ``all``.
        :raises UnknownClientError: there is no such client.
        """
        record = None if client is None else self._clients.get(client)
        if user_id is not None:
            check_user_id(user_id)
        now = time.time()
        access = (
            ListedToken(
                "access_token",
                token.client_id,
                token.user_id,
                token.scopes,
                token.issued_at,
                token.expires_at,
                _state(token.is_withdrawn(), token.expires_at, now),
            )
            for token in self._store.tokens.iterate(record, user_id)
        )
        refresh = (
            ListedToken(
                "refresh_token",
                token.client_id,
                token.user_id,
                token.scopes,
                token.issued_at,
                token.expires_at,
                "used"
                if token.is_spent(self._grace)
                else _state(token.is_withdrawn(), token.expires_at, now),
            )
            for token in self._store.refresh_tokens.iterate(record, user_id)
        )
        with closing(access), closing(refresh):
            newest = heapq.merge(
                access, refresh, key=lambda token: token.issued_at, reverse=True
            )
            wanted = (token for token in newest if state in ("all", token.state))
            found = list(islice(wanted, limit + 1))
        return found[:limit], len(found) > limit

    def revoke(
        self, client: str | HasClientId | None, user_id: str | None, reason: str
    ) -> int:
        """Revoke the tokens of a client, of a person, or of one for the other.

        :returns: how many were alive, a family of refresh tokens counting as one.
        :raises UnknownClientError: there is no such client.
        :raises ValueError: neither is named, which would be everybody's.
        """
        if client is None and user_id is None:
            raise ValueError("name a client or a user")
        record = None if client is None else self._clients.get(client)
        if user_id is not None:
            check_user_id(user_id)
        now = int(time.time())
        # Families first: they could bring forth access tokens in between.
        count = self._store.refresh_tokens.revoke(now, client=record, user_id=user_id)
        count += self._store.tokens.revoke(now, client=record, user_id=user_id)
        self._tell(record, count, reason)
        return count

    def revoke_token(self, token: str) -> int:
        """Revoke a token of either kind, and return 1 if it was alive.

        A refresh token takes with it all that came of it.
        """
        found = self._reader.find_any(token)
        if found is None or has_passed(found.expires_at):
            return 0
        client = self._clients.get(found.client_id)
        return self.revoke_found(token, found, client, "admin")

    def revoke_found(
        self,
        token: str,
        found: AccessToken | StoredRefreshToken,
        client: ClientMixin,
        reason: str,
    ) -> int:
        """Revoke a token that was looked up; return 1 if it was not revoked before.

        :param client: whose it is.
        """
        now = int(time.time())
        if isinstance(found, StoredRefreshToken):
            # With the access tokens that came with it (RFC 7009 §2.1).
            count = self._store.refresh_tokens.revoke_family(found.family_id, now)
        else:
            digest = self._reader.digest_of(token)
            count = 0 if digest is None else self._store.tokens.revoke_one(digest, now)
        self._tell(client, count, reason)
        return count

    def _tell(self, client: ClientMixin | None, count: int, reason: str) -> None:
        if count:
            signals.token_revoked.send(
                self._sender, client=client, count=count, reason=reason
            )

    def count_expired(self, older_than: int) -> int:
        """Count the rows that :meth:`purge` would delete."""
        return sum(self._store.purge.count(_before(older_than)))

    def purge(
        self,
        older_than: int,
        batch_size: int,
        progress: Callable[[int], object] = lambda deleted: None,
    ) -> dict[str, int]:
        """Delete what has expired, batch by batch, and return how much of what.

        :param older_than: seconds; what expired less long ago is kept.
        :param progress: is told how many rows each batch has deleted.
        :raises ValueError: one of the numbers is none that serves.
        """
        if older_than < 0 or not 1 <= batch_size <= MAX_BATCH:
            raise ValueError(
                f"older_than is 0 or more, and batch_size from 1 to {MAX_BATCH}"
            )
        total = {"access_tokens": 0, "refresh_families": 0, "assertions": 0}
        for deleted in self._store.purge.delete(_before(older_than), batch_size):
            progress(sum(deleted))
            for name, count in zip(total, deleted, strict=True):
                total[name] += count
        return total


def _before(older_than: int) -> int:
    return int(time.time()) - older_than


def _state(is_withdrawn: bool, expires_at: int, now: float) -> str:
    if has_passed(expires_at, now):
        return "expired"
    return "revoked" if is_withdrawn else "active"
