"""The table of consents that users gave and that are remembered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..models import ClientMixin
from .client_rows import belongs_to
from .events import Event, EventStore
from .models import Models
from .retry import retry_once
from .sessions import host_session


class StoredConsent(NamedTuple):
    """A consent, with the public id of its client."""

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    granted_at: int


class ConsentStore:
    def __init__(self, db: SQLAlchemy, models: Models, events: EventStore) -> None:
        self._db = db
        self._client = models.client
        self._consent = models.consent
        self._events = events

    def find(self, client: ClientMixin, user_id: str) -> StoredConsent | None:
        """Return the consent of a user to a client, if there is one."""
        statement = self._select(client, user_id)
        with host_session(self._db) as session:
            row = session.execute(statement).one_or_none()
        return None if row is None else StoredConsent._make(row)

    @retry_once
    def save(
        self,
        client: ClientMixin,
        user_id: str,
        scopes: tuple[str, ...],
        audience: tuple[str, ...],
        replaced: StoredConsent | None,
        event: Event | None,
    ) -> None:
        """Store a consent.

        :param replaced: the earlier consent, whose scopes `scopes` includes. If it was
            withdrawn in the meantime, nothing is stored: that would restore its scopes.
        """
        key = {"client_pk": client.id, "user_id": user_id}
        values = {
            "scopes": scopes,
            "audience": audience or None,
            "granted_at": int(time.time()),
        }
        delete = sa.delete(self._consent).filter_by(**key)
        insert = sa.insert(self._consent).values(**key, **values)
        update = sa.update(self._consent).filter_by(**key).values(**values)
        if replaced is not None:
            update = update.where(
                self._consent.scopes == replaced.scopes,
                self._consent.granted_at == replaced.granted_at,
            )
        with host_session(self._db, new_transaction=True) as session:
            if replaced is not None:
                session.execute(update)
            else:
                try:
                    # There may be a consent for another resource.
                    session.execute(delete)
                    session.execute(insert)
                except exc.IntegrityError:
                    # The user clicked twice; the other request has stored it.
                    session.rollback()
                    if self.find(client, user_id) is None:
                        raise  # refused for another reason
            self._events.add(session, event)
            session.commit()

    def list(
        self, user_id: str | None, client: ClientMixin | None
    ) -> Sequence[StoredConsent]:
        """Return the consents of a user, to a client, or all, the oldest first."""
        statement = self._select(client, user_id).order_by(
            self._consent.granted_at, self._consent.user_id
        )
        with host_session(self._db) as session:
            return [StoredConsent._make(row) for row in session.execute(statement)]

    @retry_once
    def delete(
        self, user_id: str, client: ClientMixin | None, event: Event | None
    ) -> int:
        """Delete a user's consents to one client or to all; return how many."""
        statement = sa.delete(self._consent).where(
            *belongs_to(self._consent, client, user_id)
        )
        with host_session(self._db, new_transaction=True) as session:
            count: int = session.execute(statement).rowcount
            if count:
                self._events.add(session, event)
            session.commit()
        return count

    def _select(
        self, client: ClientMixin | None, user_id: str | None
    ) -> sa.Select[Any]:
        consent: Any = self._consent
        statement: sa.Select[Any] = (
            sa.select(
                consent.user_id,
                self._client.client_id,
                consent.scopes,
                consent.audience,
                consent.granted_at,
            )
            .join(self._client, self._client.id == consent.client_pk)
            .where(*belongs_to(consent, client, user_id))
        )
        return statement
