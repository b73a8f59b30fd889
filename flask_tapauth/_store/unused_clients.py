"""Delete clients that came of a document and are not used any more.

Such a client comes back when a person allows it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .client_rows import is_of_document
from .models import Models
from .sessions import host_session

UNUSED_SECONDS: Final = 90 * 24 * 3600
"""How long such a client is kept after its last use."""


class UnusedClientStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._client: Any = models.client
        self._consent = models.consent
        self._owned: tuple[Any, ...] = (models.token, models.family, models.code)

    def count(self, before: int) -> int:
        """Count the clients that were last used long before a time."""
        statement = sa.select(sa.func.count()).select_from(self._client)
        with host_session(self._db) as session:
            found = session.scalar(statement.where(*self._unused(before)))
        return int(found or 0)

    def delete(self, before: int, batch_size: int) -> Iterator[int]:
        """Delete them, each in a transaction of its own; yield the count per batch."""
        last = 0
        while True:
            statement = (
                sa.select(self._client.id)
                .where(self._client.id > last, *self._unused(before))
                .order_by(self._client.id)
                .limit(batch_size)
            )
            with host_session(self._db) as session:
                keys = session.scalars(statement).all()
                session.commit()
            if not keys:
                return
            last = keys[-1]
            yield sum(self._delete(key, before) for key in keys)

    def _unused(self, before: int) -> list[sa.ColumnElement[bool]]:
        """Return the conditions for unused clients that an operator never changed: they
        would come back, and a disabled or restricted one would be free of that."""
        client = self._client
        last_sign = sa.func.coalesce(client.last_used_at, client.created_at)
        return [
            is_of_document(client),
            client.secret_hash.is_(None),
            client.disabled_at.is_(None),
            client.skip_consent.is_(sa.false()),
            client.allowed_networks.is_(None),
            client.access_token_expires_in.is_(None),
            last_sign < before - UNUSED_SECONDS,
            *(
                ~sa.exists().where(owned.client_pk == client.id)
                for owned in self._owned
            ),
        ]

    def _delete(self, key: int, before: int) -> int:
        options = {"synchronize_session": False}
        consents = sa.delete(self._consent).where(self._consent.client_pk == key)
        # Checked again: somebody may have allowed the client in the meantime.
        client = sa.delete(self._client).where(
            self._client.id == key, *self._unused(before)
        )
        with host_session(self._db, new_transaction=True) as session:
            try:
                session.execute(consents, execution_options=options)
                count: int = session.execute(client, execution_options=options).rowcount
            except exc.IntegrityError:
                session.rollback()
                return 0  # a row of the host's refers to it
            if not count:
                session.rollback()
                return 0
            session.commit()
        return count
