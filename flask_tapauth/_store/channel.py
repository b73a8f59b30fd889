"""One process's end of the channel that tells all processes what to forget.

A process that misses a message would go on accepting a revoked token. So it uses its
cache only if it has received one of its own messages (a probe) within the last second:
messages keep their order, so none that was published earlier is still on its way.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from .._base.shown import shown
from .channel_connection import PROBE_TIMEOUT_SECONDS, ChannelConnection, Transport

log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5  # between two attempts to connect
_LONGEST_PAUSE: Final = 30.0


class Channel:
    """Connects at the first use, and again after a failure.

    :param on_message: called with each message of another process.
    :param on_disconnect: called when messages may have been missed.
    """

    def __init__(
        self,
        transport: Transport,
        engine: sa.Engine,
        on_message: Callable[[str], None],
        on_disconnect: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._engine = engine
        self._on_message = on_message
        self._on_disconnect = on_disconnect
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._connection: ChannelConnection | None = None
        self._close_connection: weakref.finalize[..., Channel] | None = None
        self._reconnects_at = 0.0
        self._pause = _FIRST_PAUSE

    def catch_up(self) -> bool:
        """Handle the messages that have arrived.

        :returns: whether none can have been missed, so that the cache may be used.
        """
        # Another thread may hold the lock while it waits for its probe. This one does
        # not wait for it, and asks the database.
        if not self._lock.acquire(timeout=PROBE_TIMEOUT_SECONDS / 10):
            return False
        try:
            if self._connection is None:
                if time.monotonic() < self._reconnects_at:
                    return False
                self._connection = ChannelConnection(self._transport, self._engine)
                # Ends the connection's thread together with the app. Not at exit: a
                # forked process would close the connection of its parent.
                self._close_connection = weakref.finalize(self, self._connection.close)
                self._close_connection.atexit = False
            is_up_to_date = self._connection.catch_up(self._on_message)
        except Exception as error:  # each driver raises its own
            log.warning(
                "TAPAUTH_CACHE: the channel is broken, and each token is looked up in "
                "the database until it is back: %s",
                shown(error) or type(error).__name__,
            )
            self._disconnect()
            self._reconnects_at = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            return False
        finally:
            self._lock.release()
        if is_up_to_date and self._pause > _FIRST_PAUSE:
            self._pause = _FIRST_PAUSE
            log.info("TAPAUTH_CACHE: the channel is back")
        return is_up_to_date

    def close(self) -> None:
        """Close the connection; the next `catch_up` opens another."""
        # In a forked process, the connection is its parent's.
        if self._process == os.getpid():
            with self._lock:
                self._disconnect()

    def _disconnect(self) -> None:
        if self._close_connection is not None:
            self._close_connection()
        self._connection = self._close_connection = None
        self._on_disconnect()
