"""Cache the tokens that a process looked up, until they change (``TAPAUTH_CACHE``)."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from .._base.shown import shown, shown_without
from ..errors import ConfigError
from .channel import Channel
from .channel_connection import ChannelConnection, Transport
from .channel_database import DatabaseTransport
from .channel_redis import RedisTransport
from .sessions import LookedUp

log = logging.getLogger(__name__)

MAX_ROWS: Final = 20_000
"""How many tokens a process caches. Beyond that, the oldest entry is dropped."""

_ALL: Final = "all"
"""The message to forget every token. Any other names one token."""

_KEY_LENGTH: Final = 32


class TokenCache:
    """The token cache of one app. Each process has its own rows and its own channel.

    :param model: a model on the bind key that the tokens are on.
    :param cache: ``"database"``, the URL of a Redis, or None to cache nothing.
    :param timeout: the longest time that a row is cached, in seconds.
    """

    def __init__(
        self, db: SQLAlchemy, model: Any, cache: str | None, timeout: int
    ) -> None:
        self._db = db
        self._model = model
        self._timeout = timeout
        self._passwords = [urlsplit(cache).password] if cache else []
        self._transport: Transport | None = None
        if cache is not None:
            self._transport = (
                DatabaseTransport() if cache == "database" else RedisTransport(cache)
            )
        # By process id: a forked child starts empty, and does not touch the connection
        # that it inherits from its parent.
        self._rows_by_process: dict[int, _CachedRows] = {}

    def check(self) -> None:
        """:raises ConfigError: ``TAPAUTH_CACHE`` does not work with the database, or
        with the host's sessions."""
        if self._transport is None:
            return
        session = self._db.session.session_factory()
        engine = self._engine()
        if isinstance(engine, sa.Engine):
            self._transport.check(engine, session)
        if type(session).get_bind is not Session.get_bind:
            raise ConfigError(
                "TAPAUTH_CACHE: db.session has a get_bind of its own, so the rows it "
                "finds may depend on the request; a token cached in one tenant's "
                "request would open another tenant's views. Leave the setting out"
            )

    def channel_fault(self) -> str | None:
        """Send a message over a new connection of the channel, and receive it.

        :returns: why that failed, without a password; None if it did not.
        """
        if self._transport is None:
            return None
        try:
            self.check()
            connection = ChannelConnection(self._transport, self._engine())
            try:
                while not connection.catch_up(lambda _: None):
                    time.sleep(0.05)
            finally:
                connection.close()
        except Exception as error:  # each driver raises its own
            passwords = [engine.url.password for engine in self._db.engines.values()]
            passwords += self._passwords
            return shown_without(error, passwords) or type(error).__name__
        return None

    def find(self, digest: bytes, look_up: Callable[[bytes], LookedUp]) -> Any:
        """Return the row of a token, from the cache or by `look_up`."""
        rows = None if self._transport is None else self._rows(self._transport)
        if rows is None or not rows.channel.catch_up():
            return look_up(digest).row
        key = _key(digest)
        row = rows.get(key)
        if row is None:
            until, generation = time.monotonic() + self._timeout, rows.generation
            row, is_cacheable = look_up(digest)
            # Unknown tokens are not cached: a caller could invent any number of them.
            if row is not None and is_cacheable:
                rows.put(key, row, until, generation)
        return row

    @property
    def repeat_seconds(self) -> int:
        """How long after a change its message is published again, if the change is
        repeated: as long as another process may have missed the first message."""
        can_be_lost = self._transport is not None and self._transport.can_lose_messages
        return self._timeout if can_be_lost else 0

    def commit(self, session: Any, digest: bytes | None = None) -> bool:
        """Commit, and have all processes forget one token, or all tokens.

        :returns: whether the message is published. The commit has succeeded.
        """
        message = _ALL if digest is None else _key(digest)
        if self._transport is not None:
            bind_arguments = {"mapper": self._model}
            connection = session.connection(bind_arguments=bind_arguments)
            self.publish_in_transaction(connection, message)
        try:
            session.commit()
        finally:
            # Even if a listener of the host raises after the commit. Otherwise other
            # processes would accept the revoked token until their timeout.
            is_published = self.publish_after_commit(message)
        return is_published

    def publish_in_transaction(
        self, connection: sa.Connection, message: str = _ALL
    ) -> None:
        """Publish what to forget as a part of a transaction, if the transport can."""
        if self._transport is not None:
            self._transport.publish_in_transaction(connection, message)

    def publish_after_commit(self, message: str = _ALL) -> bool:
        """Forget in this process, and publish what to forget if that is not done yet.

        :returns: whether the message is published.
        """
        if self._transport is None:
            return True
        rows = self._rows_by_process.get(os.getpid())
        if rows is not None:
            rows.forget(message)
        try:
            self._transport.publish_after_commit(message)
        except Exception as error:  # each driver raises its own
            log.error(
                "TAPAUTH_CACHE: other processes cannot be told to forget what was just "
                "revoked or changed, and may accept it for %s seconds more; repeat the "
                "change: %s",
                self._timeout,
                shown(error),
            )
            return False
        return True

    def _rows(self, transport: Transport) -> _CachedRows | None:
        """Return the rows that this process caches.

        :returns: None if the host has one connection only, such as an in-memory
            database or a test that rolls back its changes.
        """
        process = os.getpid()
        rows = self._rows_by_process.get(process)
        if rows is not None:
            return rows
        self.check()
        engine = self._engine()
        if not isinstance(engine, sa.Engine) or isinstance(engine.pool, StaticPool):
            return None
        new = _CachedRows(transport, engine)
        rows = self._rows_by_process.setdefault(process, new)
        if rows is new:
            _close_on_dispose(engine, rows.channel)
        return rows

    def _engine(self) -> Any:
        return self._db.engines[self._model.metadata.info.get("bind_key")]


def _close_on_dispose(engine: sa.Engine, channel: Channel) -> None:
    """Close the channel when the host disposes of its engine's connections."""
    # A weak reference: the channel's thread holds the engine until the channel ends, so
    # a strong one would keep both alive for good.
    close = weakref.WeakMethod(channel.close)

    def disposed(_: sa.Engine) -> None:
        if (method := close()) is not None:
            method()

    event.listen(engine, "engine_disposed", disposed)


class _CachedRows:
    """The rows that one process caches, by the key of their token."""

    def __init__(self, transport: Transport, engine: sa.Engine) -> None:
        self.channel = Channel(transport, engine, self.forget, self.forget)
        self.generation = 0
        """The number of `forget` calls so far. A row that was read in an earlier
        generation may be out of date, and is not cached."""
        self._rows: dict[str, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        until, row = self._rows.get(key, (0.0, None))
        return row if time.monotonic() < until else None

    def put(self, key: str, row: Any, until: float, generation: int) -> None:
        """Cache a row, unless something was forgotten since its look-up began.

        :param generation: the generation when the look-up began.
        """
        with self._lock:
            if generation != self.generation:
                return
            self._rows.pop(key, None)
            self._rows[key] = (until, row)
            if len(self._rows) > MAX_ROWS:
                del self._rows[next(iter(self._rows))]

    def forget(self, message: str = _ALL) -> None:
        """Forget the token of this key, or all if the message is no key."""
        with self._lock:
            self.generation += 1
            if self._rows.pop(message, None) is None and len(message) != _KEY_LENGTH:
                self._rows.clear()


def _key(digest: bytes) -> str:
    """Return half of a token's digest: it opens nothing, and finds no row."""
    return digest.hex()[:_KEY_LENGTH]
