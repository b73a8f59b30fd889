"""Messages between processes over PostgreSQL's LISTEN and NOTIFY."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from collections import deque
from typing import Any, Final

import sqlalchemy as sa

from ..errors import ConfigError

_DRIVERS: Final = ("psycopg", "psycopg2")
_CHANNEL: Final = "tapauth"


class DatabaseTransport:
    """Publishes a message in the transaction of the change, so both are committed or
    neither is."""

    can_lose_messages = False

    def check(self, engine: sa.Engine, session: Any) -> None:
        """:raises ConfigError: the database or its driver has no notifications, or the
        sessions commit in two phases."""
        if engine.name != "postgresql" or engine.driver not in _DRIVERS:
            raise ConfigError(
                f"TAPAUTH_CACHE: got 'database', and this one is {engine.name} by the "
                f"driver {engine.driver}; expected PostgreSQL by psycopg or psycopg2. "
                "Use the URL of a Redis, or leave the setting out"
            )
        if session.twophase:
            raise ConfigError(
                "TAPAUTH_CACHE: got 'database', and db.session has twophase=True; "
                "PostgreSQL does not prepare a transaction that sends a notification, "
                "so no token could be revoked. Use the URL of a Redis, or leave the "
                "setting out"
            )

    def subscribe(self, engine: sa.Engine) -> _Subscription:
        # Connects as the host's engine does, with its "connect" listeners, but takes
        # none of its pool's connections, which slow views may all be using.
        pooled = engine.pool.recreate().connect()
        connection: Any = pooled.driver_connection
        pooled.detach()
        try:
            return _Subscription(connection)
        except BaseException:
            connection.close()
            raise

    def publish_from_outside(self, engine: sa.Engine, message: str) -> None:
        # Over a second connection: a transaction pooler returns a message on the
        # connection that sent it, and still swallows those of other connections.
        pool = engine.pool.recreate()
        pooled = pool.connect()
        try:
            _notify(pooled.driver_connection, message)
        finally:
            pooled.close()
            pool.dispose()

    def publish_in_transaction(self, connection: sa.Connection, message: str) -> None:
        connection.execute(sa.select(sa.func.pg_notify(_CHANNEL, message)))

    def publish_after_commit(self, message: str) -> None:
        """Do nothing: the commit has published it."""


class _Subscription:
    """A connection of psycopg or psycopg2 that listens."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._received: deque[str] = deque()
        self._is_psycopg2 = not hasattr(connection, "pgconn")
        if not self._is_psycopg2:
            # Called for notifications that arrive while `publish` runs.
            connection.add_notify_handler(
                lambda notify: self._received.append(notify.payload)
            )
        # A duplicate file descriptor of the socket: after the connection is closed, the
        # number of the original could become that of another file.
        self._socket = socket.socket(fileno=os.dup(connection.fileno()))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        connection.rollback()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {_CHANNEL}")

    def receive(self, timeout: float) -> list[str]:
        # Messages that came together with the answer to a `publish` are no longer in
        # the socket, but in libpq's buffer.
        self._collect()
        if self._selector.select(0 if self._received else timeout):
            self._read_socket()
            self._collect()
        messages = [*self._received]
        self._received.clear()
        return messages

    def publish(self, message: str) -> None:
        _notify(self._connection, message)

    def interrupt(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._selector.close()
        self._socket.close()
        self._connection.close()

    def _read_socket(self) -> None:
        if self._is_psycopg2:
            self._connection.poll()
        else:
            self._connection.pgconn.consume_input()

    def _collect(self) -> None:
        """Move the notifications from libpq's buffer to `_received`."""
        if self._is_psycopg2:
            self._received.extend(each.payload for each in self._connection.notifies)
            self._connection.notifies.clear()
            return
        while (notify := self._connection.pgconn.notifies()) is not None:
            self._received.append(notify.extra.decode(errors="replace"))


def _notify(connection: Any, message: str) -> None:
    connection.rollback()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, message))
