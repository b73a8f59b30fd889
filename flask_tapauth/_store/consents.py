"""The statements on consents that people gave and want remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..models import ClientMixin
from .exchange import exchange
from .models import Models
from .owners import owned_by


class StoredConsent(NamedTuple):
    """A consent, with the client id that people know."""

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    granted_at: int


class ConsentStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._client = models.client
        self._consent = models.consent

    def find(self, client: ClientMixin, user_id: str) -> tuple[str, ...] | None:
        """Return the scopes that the person lets the client have; None: never asked."""
        statement = sa.select(self._consent.scopes).where(
            self._consent.client_pk == client.id, self._consent.user_id == user_id
        )
        with exchange(self._db) as session:
            scopes: tuple[str, ...] | None = session.scalars(statement).one_or_none()
        return scopes

    def save(
        self, client: ClientMixin, user_id: str, scopes: tuple[str, ...], now: int
    ) -> None:
        """Remember a consent in place of an earlier one."""
        key = {"client_pk": client.id, "user_id": user_id}
        values = {"scopes": scopes, "granted_at": now}
        update = sa.update(self._consent).filter_by(**key).values(**values)
        with exchange(self._db) as session:
            if not session.execute(update).rowcount:
                try:
                    session.execute(sa.insert(self._consent).values(**key, **values))
                except exc.IntegrityError:
                    # Given twice at once, by two clicks: the other is there now.
                    session.rollback()
                    session.execute(update)
            session.commit()

    def list(
        self, user_id: str | None, client: ClientMixin | None
    ) -> Sequence[StoredConsent]:
        """Return the consents of a person, to a client, or all, the oldest first."""
        statement = (
            sa.select(
                self._consent.user_id,
                self._client.client_id,
                self._consent.scopes,
                self._consent.granted_at,
            )
            .join(self._client, self._client.id == self._consent.client_pk)
            .order_by(self._consent.granted_at, self._consent.user_id)
        )
        statement = statement.where(*owned_by(self._consent, client, user_id))
        with exchange(self._db) as session:
            return [StoredConsent._make(row) for row in session.execute(statement)]

    def delete(self, user_id: str, client: ClientMixin | None) -> int:
        """Forget a person's consents, to one client or all; return how many."""
        statement = sa.delete(self._consent).where(
            *owned_by(self._consent, client, user_id)
        )
        with exchange(self._db) as session:
            count: int = session.execute(statement).rowcount
            session.commit()
        return count
