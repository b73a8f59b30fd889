"""Remember token look-ups in a Flask-Caching cache, and forget them in time."""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

log = logging.getLogger(__name__)

Row = Sequence[Any]

_PREFIX: Final = "tapauth:"
_EPOCH_SECONDS: Final = 30 * 24 * 3600
_REVOKED: Final = "revoked"
_PAUSE_SECONDS: Final = 5.0


class Memory:
    """What a cache remembers of the token table.

    All entries belong to an epoch, whose name is in their keys. What changes the worth
    of many tokens, such as a client that is disabled, begins another, and nothing older
    is found any more. One token that is revoked leaves a mark in its place, over which
    a look-up that read the database just before cannot write. A cache that fails is
    passed by for some seconds.

    :param cache: a ``flask_caching.Cache``: of one process, or of all on Redis.
    :param timeout: seconds for which an entry is believed.
    :param owner: what names this app and its database; apps may share a cache.
    :param fields: what names the columns of a row. While a version is rolled out, the
        one before hears of revocations, and believes no row that it cannot read.
    """

    def __init__(self, cache: Any, timeout: int, owner: str, fields: str) -> None:
        self._cache = cache
        self._timeout = timeout
        self._prefix = f"{_PREFIX}{_shorten(owner)}:"
        self._fields = _shorten(fields)
        self._epoch_key = f"{self._prefix}epoch"
        self._epoch: str | None = None
        self._resumes_at = 0.0

    def find(self, digest: bytes, look_up: Callable[[bytes], Row | None]) -> Row | None:
        """Return the row of a token, from the cache or else by `look_up`."""
        known = self._epoch
        key = self._key(known, digest)
        answer = self._try(lambda: self._cache.get_many(self._epoch_key, key))
        if answer is None:
            return look_up(digest)
        # The epoch is read before the database is: what ends it in between counts.
        epoch, entry = answer
        self._epoch = epoch
        if epoch is not None and epoch == known and isinstance(entry, tuple):
            fields, until, *row = entry
            # A cache may fail to forget.
            if fields == self._fields and time.time() < until:
                return row
        if epoch is None:
            # Begun before the database is read, as it would have been read.
            epoch = self._epoch = self._try(self._begin_first_epoch)
        found = look_up(digest)
        if found is not None and epoch is not None:
            self._try(lambda: self._remember(epoch, digest, tuple(found)))
        return found

    def forget(self, digest: bytes) -> None:
        """Believe nothing of one token any more, which was revoked just before."""
        self._change(lambda: self._mark(digest))

    def forget_all(self) -> None:
        """Believe nothing of any token any more."""
        self._change(self._begin_epoch)

    def _begin_first_epoch(self) -> str | None:
        epoch = secrets.token_hex(8)
        is_first = self._cache.add(self._epoch_key, epoch, timeout=_EPOCH_SECONDS)
        return epoch if is_first else None

    def _remember(self, epoch: str, digest: bytes, row: Row) -> None:
        entry = (self._fields, time.time() + self._timeout, *row)
        self._cache.add(self._key(epoch, digest), entry, timeout=self._timeout)

    def _mark(self, digest: bytes) -> bool:
        epoch = self._cache.get(self._epoch_key)
        if epoch is None:
            return self._begin_epoch()
        key = self._key(epoch, digest)
        return bool(self._cache.set(key, _REVOKED, timeout=self._timeout))

    def _begin_epoch(self) -> bool:
        epoch = secrets.token_hex(8)
        return bool(self._cache.set(self._epoch_key, epoch, timeout=_EPOCH_SECONDS))

    def _key(self, epoch: str | None, digest: bytes) -> str:
        return f"{self._prefix}{epoch}:{digest.hex()}"

    def _change(self, change: Callable[[], bool]) -> None:
        try:
            done = change()
        except Exception as error:
            log.error("The cache cannot be told of a revocation: %r", error)
            return
        if not done:
            # Others go on believing what they remember, until it times out.
            log.error("The cache did not take a revocation.")

    def _try(self, use: Callable[[], Any]) -> Any:
        now = time.monotonic()
        if now < self._resumes_at:
            return None
        try:
            return use()
        except Exception as error:
            # Whatever its backend raises: the database knows as well.
            self._resumes_at = now + _PAUSE_SECONDS
            log.warning("The cache cannot be used: %r", error)
            return None


def _shorten(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
