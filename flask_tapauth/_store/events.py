"""The table of events: who did what, kept if ``TAPAUTH_AUDIT`` is set."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .models import Models
from .retry import retry_once
from .sessions import host_session


class Event(NamedTuple):
    """Something that was done: when, by whom, from where, to whom, and why.

    :param time: seconds since the epoch.
    :param action: the name of the signal that tells of it.
    :param actor: the id of the signed-in user, or ``cli:`` and the name of the account
        that ran a command; None for an OAuth client's own request.
    :param client_id: the client that it was done to, or for.
    :param user_id: the resource owner.
    :param address: the caller's network address; None on the command line.
    :param reason: why, or how; for a changed client, the names of what changed.
    """

    time: int
    action: str
    actor: str | None
    client_id: str | None
    user_id: str | None
    address: str | None
    reason: str | None


class EventStore:
    """
    :param is_kept: whether events are kept at all.
    :param find_actor: returns the actor and the address of who is acting now.
    """

    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        is_kept: bool,
        find_actor: Callable[[], tuple[str | None, str | None]],
    ) -> None:
        self._db = db
        self._event = models.event
        self._is_kept = is_kept
        self._find_actor = find_actor

    def make(
        self,
        action: str,
        *,
        client_id: str | None = None,
        user_id: str | None = None,
        reason: str | None = None,
    ) -> Event | None:
        """Describe what is about to be done; None if no events are kept.

        Call it before the transaction begins: it runs code of the host, which finds the
        signed-in user.
        """
        if not self._is_kept:
            return None
        actor, address = self._find_actor()
        return Event(
            int(time.time()), action, actor, client_id, user_id, address, reason
        )

    def add(self, session: Any, *events: Event | None) -> None:
        """Add events to the transaction that does what they tell of."""
        rows = [event._asdict() for event in events if event is not None]
        if rows:
            session.execute(sa.insert(self._event), rows)

    @retry_once
    def record(self, event: Event | None) -> None:
        """Store an event that tells of no change to another row."""
        if event is not None:
            with host_session(self._db, new_transaction=True) as session:
                self.add(session, event)
                session.commit()

    def list(
        self,
        *,
        since: int | None,
        client_id: str | None,
        user_id: str | None,
        action: str | None,
        reason: str | None,
        limit: int,
    ) -> Sequence[Event]:
        """Return the newest events, the newest first."""
        event = self._event
        wanted = {
            event.client_id: client_id,
            event.user_id: user_id,
            event.action: action,
            event.reason: reason,
        }
        statement: Any = (
            sa.select(*(getattr(event, name) for name in Event._fields))
            .where(*(c == value for c, value in wanted.items() if value is not None))
            .order_by(event.id.desc())
            .limit(limit)
        )
        if since is not None:
            statement = statement.where(event.time >= since)
        with host_session(self._db) as session:
            return [Event._make(row) for row in session.execute(statement)]

    @retry_once
    def delete(self, before: int, batch_size: int = 1000) -> int:
        """Delete one batch of the events before a time; return how many."""
        event = self._event
        keys = sa.select(event.id).where(event.time < before).limit(batch_size)
        with host_session(self._db, new_transaction=True) as session:
            # By their keys: MariaDB has no LIMIT in a subquery.
            found = session.scalars(keys).all()
            if found:
                session.execute(
                    sa.delete(event)
                    .where(event.id.in_(found))
                    .execution_options(synchronize_session=False)
                )
            session.commit()
        return len(found)
