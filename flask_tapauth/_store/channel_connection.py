"""One connection of the channel: it is opened, probed every second, and closed."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any, Final, Protocol

import sqlalchemy as sa

PROBE_INTERVAL_SECONDS: Final = 1.0
"""How long a probe that came back counts, and so how long a lost message can go
unnoticed."""

PROBE_TIMEOUT_SECONDS: Final = 0.5
"""How long a request waits for a probe, before it asks the database."""

CONNECT_TIMEOUT_SECONDS: Final = 10.0
"""How long an attempt to connect may take, before it is given up."""

_PROBE_PREFIX: Final = "ask "


class Subscription(Protocol):
    """A connection that receives the messages of the channel."""

    def receive(self, timeout: float) -> list[str]:
        """Return the messages that have arrived; wait `timeout` seconds for one."""

    def publish(self, message: str) -> None:
        """Publish a message over this connection. This may block."""

    def interrupt(self) -> None:
        """Make a `publish` that blocks in another thread fail."""

    def close(self) -> None: ...


class Transport(Protocol):
    """What carries the messages: PostgreSQL's notifications, or Redis."""

    can_lose_messages: bool
    """Whether a change can be committed and its message not be published."""

    def check(self, engine: sa.Engine, session: Any) -> None:
        """:raises ConfigError: it cannot work with this database or these sessions."""

    def subscribe(self, engine: sa.Engine) -> Subscription:
        """Connect and subscribe. This may block."""

    def publish_from_outside(self, engine: sa.Engine, message: str) -> None:
        """Publish a message over another connection, as another process would."""

    def publish_in_transaction(self, connection: sa.Connection, message: str) -> None:
        """Publish a message when a transaction commits, if the transport can."""

    def publish_after_commit(self, message: str) -> None:
        """Publish a message that `publish_in_transaction` did not publish.

        :raises Exception: an error of the driver: the message was not published.
        """


class ChannelConnection:
    """A connection that starts to open at once, in a thread of its own.

    The thread makes every call that may block. A request only waits for the thread, and
    no longer than `PROBE_TIMEOUT_SECONDS`.
    """

    def __init__(self, transport: Transport, engine: sa.Engine) -> None:
        self._subscription: Subscription | None = None
        self._error: Exception | None = None
        self._probes: SimpleQueue[str | None] = SimpleQueue()
        self._is_done = threading.Event()
        """Set when the thread has connected, has published a probe, or has ended."""
        self._waits_until = time.monotonic() + PROBE_TIMEOUT_SECONDS
        self._probed_at = 0.0
        threading.Thread(
            target=self._run, args=(transport, engine), daemon=True
        ).start()

    def catch_up(self, on_message: Callable[[str], None]) -> bool:
        """Handle the messages that have arrived, and probe if that is due.

        :returns: False while it is still connecting.
        :raises Exception: the connection is broken, or does not answer in time.
        """
        if self._subscription is None:
            self._is_done.wait(max(0.0, self._waits_until - time.monotonic()))
            if self._error is not None:
                raise self._error
            if self._subscription is None:
                if time.monotonic() > self._waits_until + CONNECT_TIMEOUT_SECONDS:
                    raise TimeoutError("connecting took too long")
                return False
        for message in _without_probes(self._subscription.receive(0)):
            on_message(message)
        now = time.monotonic()
        if now >= self._probed_at + PROBE_INTERVAL_SECONDS:
            self._probe(self._subscription, on_message)
            self._probed_at = now
        return True

    def close(self) -> None:
        self._probes.put(None)
        if self._subscription is not None and not self._is_done.is_set():
            self._subscription.interrupt()

    def _probe(
        self, subscription: Subscription, on_message: Callable[[str], None]
    ) -> None:
        deadline = time.monotonic() + PROBE_TIMEOUT_SECONDS
        probe = _new_probe()
        self._is_done.clear()
        self._probes.put(probe)
        if not self._is_done.wait(PROBE_TIMEOUT_SECONDS):
            raise TimeoutError("publishing a message took too long")
        if self._error is not None:
            raise self._error
        if not _comes_back(subscription, probe, deadline, on_message):
            raise TimeoutError("a message that was published did not arrive")

    def _run(self, transport: Transport, engine: sa.Engine) -> None:
        subscription = None
        try:
            subscription = transport.subscribe(engine)
            probe = _new_probe()
            deadline = time.monotonic() + 2 * PROBE_TIMEOUT_SECONDS
            transport.publish_from_outside(engine, probe)
            if not _comes_back(subscription, probe, deadline, lambda _: None):
                raise TimeoutError(
                    "messages of other connections do not arrive; a pooler that lends "
                    "connections for one transaction each, such as PgBouncer's, "
                    "swallows them"
                )
            self._subscription = subscription
            self._is_done.set()
            for probe in iter(self._probes.get, None):
                subscription.publish(probe)
                self._is_done.set()
        except Exception as error:
            self._error = error
        finally:
            self._is_done.set()
            if subscription is not None:
                # Only this thread closes it: another thread could do so in the middle
                # of a `publish`.
                subscription.close()


def _comes_back(
    subscription: Subscription,
    probe: str,
    deadline: float,
    on_message: Callable[[str], None],
) -> bool:
    """Receive messages until the probe is among them, or the deadline has passed."""
    while True:
        messages = subscription.receive(max(0.0, deadline - time.monotonic()))
        for message in _without_probes(messages):
            on_message(message)
        if probe in messages or time.monotonic() >= deadline:
            return probe in messages


def _new_probe() -> str:
    return _PROBE_PREFIX + secrets.token_hex(8)


def _without_probes(messages: Iterable[str]) -> Iterable[str]:
    # The probes of other processes say nothing about tokens.
    return (each for each in messages if not each.startswith(_PROBE_PREFIX))
