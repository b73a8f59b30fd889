"""The documents of clients: fetched for the person who is asked, and cached.

A caller chooses the URL. So few documents are fetched at a time, a URL or a host that
fails is not asked again for a while, and the cache has a limit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any, Final
from urllib.parse import urlsplit

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header, parse_date

from .._base.fetch import FetchError, fetch
from .._base.shown import shown
from ..errors import ClientDocumentError
from .argument_checks import ArgumentChecks
from .document import read_document

log = logging.getLogger(__name__)

MAX_BYTES: Final = 5 * 1024
"""The most bytes of a document, as the draft recommends (§6.6)."""

SHORTEST: Final = 300
LONGEST: Final = 24 * 3600
"""Seconds for which a document is cached, whatever its HTTP headers say."""

MAX_ENTRIES: Final = 1000
"""Documents in the cache, and failures that are remembered."""

MAX_FETCHES: Final = 4
"""Fetches at the same time: each keeps a thread of the server busy."""

_FIRST_PAUSE: Final = 10.0
_LONGEST_PAUSE: Final = 600.0


@dataclass(slots=True)
class _Failure:
    pause: float
    until: float


class Documents:
    """The documents that one app has fetched."""

    def __init__(self, checks: ArgumentChecks) -> None:
        self._checks = checks
        self._cached: dict[str, tuple[Mapping[str, Any], float]] = {}
        self._failures: dict[str, _Failure] = {}
        self._busy_hosts: set[str] = set()
        self._lock = threading.Lock()  # released during a fetch

    def get(self, url: str) -> Mapping[str, Any]:
        """Return what the document at a URL says, as columns of the client.

        :raises ClientDocumentError: it cannot be used, or not now.
        """
        # Without the port: all ports of a host are one host's.
        host, now = urlsplit(url).hostname or "", time.monotonic()
        with self._lock:
            columns, until = self._cached.get(url, ({}, 0.0))
            if now < until:
                return columns
            if not self._may_fetch(url, host, now):
                raise ClientDocumentError("cannot be fetched now; try again later")
            self._busy_hosts.add(host)
        try:
            columns, lifetime = self._fetch(url)
        except (FetchError, ValueError) as error:
            log.warning("The client document at %s: %s", shown(url), shown(error))
            is_of_host = isinstance(error, FetchError) and error.is_of_host
            with self._lock:
                for failed in (url, host) if is_of_host else (url,):
                    self._note_failure(failed, time.monotonic())
            if isinstance(error, FetchError):
                # The reason would tell callers about hosts that they cannot reach.
                raise ClientDocumentError("cannot be fetched") from None
            raise ClientDocumentError(f"cannot be used: {error}") from None
        finally:
            with self._lock:
                self._busy_hosts.discard(host)
        with self._lock:
            for worked in (url, host):
                self._failures.pop(worked, None)
            _put(self._cached, url, (columns, now + lifetime))
        return columns

    def _may_fetch(self, url: str, host: str, now: float) -> bool:
        failures = [self._failures.get(failed) for failed in (url, host)]
        return (
            host not in self._busy_hosts
            and len(self._busy_hosts) < MAX_FETCHES
            and all(failure is None or now >= failure.until for failure in failures)
        )

    def _note_failure(self, failed: str, now: float) -> None:
        before = self._failures.get(failed)
        pause = _FIRST_PAUSE if before is None else before.pause * 2
        pause = min(pause, _LONGEST_PAUSE)
        _put(self._failures, failed, _Failure(pause, now + pause))

    def _fetch(self, url: str) -> tuple[Mapping[str, Any], int]:
        body, headers = fetch(url, accept="application/json", max_bytes=MAX_BYTES)
        media_type = headers.get_content_type()
        is_json = media_type.startswith("application/") and media_type.endswith("+json")
        if media_type != "application/json" and not is_json:
            # Anybody may be able to upload a text to the host.
            raise ValueError("its media type is not application/json")
        return read_document(url, body, self._checks), _lifetime(headers)


def _put(entries: dict[str, Any], key: str, value: object) -> None:
    """Add an entry, and drop the oldest one if there are too many."""
    entries.pop(key, None)
    entries[key] = value
    if len(entries) > MAX_ENTRIES:
        del entries[next(iter(entries))]


def _date_in(headers: Message, name: str) -> datetime | None:
    try:
        return parse_date(headers.get(name))
    except OverflowError:
        return None  # a year of twenty digits, which parse_date does not expect


def _lifetime(headers: Message) -> int:
    """Return the seconds for which an answer may be cached (RFC 9111 §4.2)."""
    control = parse_cache_control_header(
        ", ".join(headers.get_all("Cache-Control", [])), cls=ResponseCacheControl
    )
    expires, date = _date_in(headers, "Expires"), _date_in(headers, "Date")
    fresh = 0
    if control.no_store or control.no_cache:
        pass
    # Old versions of werkzeug return text that is not a number.
    elif isinstance(control.max_age, int):
        age = headers.get("Age", "")
        fresh = control.max_age - (int(age) if age.isdecimal() else 0)
    elif expires is not None and date is not None:
        fresh = int((expires - date).total_seconds())
    return max(SHORTEST, min(fresh, LONGEST))
