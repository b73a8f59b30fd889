"""The key sets that clients publish: fetched when needed, and cached."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Final

from .._base.fetch import FetchError, fetch
from .._base.key_reading import NoUsableKeyError, read_client_keys
from .._base.keys import KeySet
from .._base.shown import shown

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 300
"""Seconds for which a fetched key set is used without another fetch."""

STALE_SECONDS: Final = 3600
"""Seconds for which a key set is used when new fetches fail."""

MAX_SETS: Final = 1000
"""Key sets in the cache; a client that changes its URI leaves its old set behind."""

_PAUSE_SECONDS: Final = 30  # between two fetches, or unknown key ids cause a flood


@dataclass(slots=True)
class _Entry:
    keys: KeySet | None = None
    fetched_at: float = 0.0
    tried_at: float = 0.0
    is_being_fetched: bool = False

    def has_key(self, kid: object, now: float) -> bool:
        is_fresh = now < self.fetched_at + FRESH_SECONDS
        return self.keys is not None and is_fresh and self.keys.knows(kid)

    def may_be_fetched(self, now: float) -> bool:
        is_due = not self.tried_at or now >= self.tried_at + _PAUSE_SECONDS
        return is_due and not self.is_being_fetched


class RemoteKeys:
    """The key sets that one app has fetched."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()  # released during a fetch

    def get(self, uri: str, kid: object) -> KeySet | None:
        """Return the keys at a URI, and fetch them again if `kid` is not among them.

        While one caller fetches, other callers get the cached keys, or None.
        """
        now = time.monotonic()
        with self._lock:
            # The entry used last moves to the end; the first is dropped when full.
            entry = self._entries.pop(uri, _Entry())
            self._entries[uri] = entry
            if len(self._entries) > MAX_SETS:
                del self._entries[next(iter(self._entries))]
            fetches = not entry.has_key(kid, now) and entry.may_be_fetched(now)
            if fetches:
                entry.tried_at, entry.is_being_fetched = now, True
        if fetches:
            try:
                _fetch_again(uri, entry, now)
            finally:
                entry.is_being_fetched = False
        return None if now >= entry.fetched_at + STALE_SECONDS else entry.keys


def _fetch_again(uri: str, entry: _Entry, now: float) -> None:
    try:
        body, _ = fetch(uri)
        entry.keys = read_client_keys(body, skips=True)
        entry.fetched_at = now
    except (FetchError, ValueError) as error:
        if isinstance(error, NoUsableKeyError):
            # JSON without usable keys: the client withdrew its keys. A page that is not
            # JSON is an outage, such as a proxy's error page, and the old keys stay.
            entry.keys = None
        log.warning("The key set at %s cannot be used: %s", shown(uri), shown(error))
