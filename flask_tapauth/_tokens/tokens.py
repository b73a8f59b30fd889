"""List, revoke and purge the tokens of an app."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from .._base.ids import HasClientId, check_user_id
from .._base.moments import has_passed
from .._store import Store
from .._store.refresh_tokens import StoredRefreshToken
from .._store.revocation import Revoked
from ..models import ClientMixin
from .announcement import announce_revoked
from .listing import ListedToken, list_tokens
from .reader import TokenReader
from .token import AccessToken

MAX_BATCH: Final = 10_000
"""The largest batch to delete: a statement has one parameter for each row, and
databases limit their number."""

_PURGED: Final = (
    "access_tokens",
    "refresh_families",
    "assertions",
    "authorization_codes",
)


class Forgotten(NamedTuple):
    """How many consents and tokens of a user were removed."""

    consents: int
    tokens: int


class Tokens:
    """The tokens of one app.

    :param grace: the value of ``TAPAUTH_REFRESH_GRACE``.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        store: Store,
        get_client: Callable[[str | HasClientId], ClientMixin],
        reader: TokenReader,
        grace: int,
        sender: object,
    ) -> None:
        self._store = store
        self._get_client = get_client
        self._reader = reader
        self._grace = grace
        self._sender = sender

    def list(
        self, client: str | None, user_id: str | None, state: str, limit: int
    ) -> tuple[list[ListedToken], bool]:
        """Return the newest tokens of a state, and whether there are more."""
        record = None if client is None else self._get_client(client)
        if user_id is not None:
            user_id = check_user_id(user_id)
        return list_tokens(self._store, record, user_id, state, limit, self._grace)

    def revoke(
        self, client: str | HasClientId | None, user_id: str | None, reason: str
    ) -> int:
        """Revoke the tokens of a client, of a user, or of both.

        :returns: how many were active. A token family counts as one.
        """
        if client is None and user_id is None:
            raise ValueError("name a client or a user")
        record = None if client is None else self._get_client(client)
        if user_id is not None:
            user_id = check_user_id(user_id)
        now = int(time.time())
        # First the codes, then the families, then the access tokens: a client could
        # exchange a code or a refresh token for a new access token in between.
        store = self._store
        store.codes.delete(record, user_id)
        families = store.refresh_tokens.revoke(now, client=record, user_id=user_id)
        others = store.tokens.revoke(now, client=record, user_id=user_id)
        count = families.count + others.count
        is_published = families.is_published and others.is_published
        revoked = Revoked(count, is_published)
        announce_revoked(self._sender, record, revoked, reason)
        return count

    def forget(self, user_id: str | int) -> Forgotten:
        """Delete the consents of a user, and revoke the user's tokens."""
        user_id = check_user_id(user_id)
        # Consents first: a client could get a new token by one in between.
        consents = self._store.consents.delete(user_id, None)
        return Forgotten(consents, self.revoke(None, user_id, "person"))

    def revoke_token(self, token: str) -> int:
        """Revoke an access token or a refresh token; return 1 if it was active, or 0.

        The whole family of a refresh token is revoked.
        """
        found = self._reader.find_any(token)
        if found is None or has_passed(found.expires_at):
            return 0
        client = self._get_client(found.client_id)
        return self.revoke_found(token, found, client, "admin")

    def revoke_found(
        self,
        token: str,
        found: AccessToken | StoredRefreshToken,
        client: ClientMixin,
        reason: str,
    ) -> int:
        """Revoke a token of `client`; return 1, or 0 if it was revoked already."""
        now = int(time.time())
        if isinstance(found, StoredRefreshToken):
            # Access tokens of the same grant, too (RFC 7009 §2.1).
            revoked = self._store.refresh_tokens.revoke_family(found.family_id, now)
        else:
            digest = self._reader.digest_of(token)
            if digest is None:
                return 0
            revoked = self._store.tokens.revoke_one(digest, now)
        announce_revoked(self._sender, client, revoked, reason)
        return revoked.count

    def count_expired(self, older_than: int) -> int:
        """Count the rows that :meth:`purge` would delete."""
        return sum(self._store.purge.count(_before(older_than)))

    def purge(
        self,
        older_than: int,
        batch_size: int,
        progress: Callable[[int], object] = lambda deleted: None,
    ) -> dict[str, int]:
        """Delete expired rows in batches, and return the number of rows by their kind.

        :param older_than: delete what expired more than so many seconds ago.
        :param progress: called after each batch with the number of rows deleted.
        :raises ValueError: `older_than` or `batch_size` is out of range.
        """
        if type(older_than) is not int or older_than < 0:
            raise ValueError(f"older_than is {older_than!r}; give whole seconds, or 0")
        if type(batch_size) is not int or not 1 <= batch_size <= MAX_BATCH:
            raise ValueError(
                f"batch_size is {batch_size!r}; give a whole number from 1 to "
                f"{MAX_BATCH}"
            )
        total = dict.fromkeys(_PURGED, 0)
        for deleted in self._store.purge.delete(_before(older_than), batch_size):
            progress(sum(deleted))
            for name, count in zip(total, deleted, strict=True):
                total[name] += count
        return total


def _before(older_than: int) -> int:
    return int(time.time()) - older_than
