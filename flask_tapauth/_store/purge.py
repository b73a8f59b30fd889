"""Delete the rows that nobody needs any more, in small steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .exchange import exchange
from .models import Models


class Expired(NamedTuple):
    """How many rows have had their time."""

    access_tokens: int
    families: int
    assertions: int


class PurgeStore:
    """Deletes batch by batch, each committed: no lock is held for long, and memory
    does not grow with the number of rows."""

    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._refresh = models.refresh_token
        # Access tokens first: one whose family is gone counts as revoked.
        self._kinds: tuple[tuple[Any, Any], ...] = (
            (models.token, models.token.digest),
            (models.family, models.family.id),
            (models.assertion, models.assertion.digest),
        )

    def count(self, before: int) -> Expired:
        """Count what expired before a moment, in seconds since the epoch."""
        with exchange(self._db) as session:
            return Expired._make(
                session.scalar(
                    sa.select(sa.func.count())
                    .select_from(model)
                    .where(model.expires_at < before)
                )
                for model, _ in self._kinds
            )

    def delete(self, before: int, batch_size: int) -> Iterator[Expired]:
        """Delete what expired before a moment; yield what each batch has deleted.

        Refresh tokens go with their family and not before: used ones are what a theft
        is known by.
        """
        for index, (model, key) in enumerate(self._kinds):
            while count := self._delete_batch(model, key, before, batch_size):
                deleted = [0, 0, 0]
                deleted[index] = count
                yield Expired._make(deleted)

    def _delete_batch(self, model: Any, key: Any, before: int, size: int) -> int:
        # MariaDB has no LIMIT in a subquery; and rows that another purge deletes at
        # the same time are no harm.
        select = (
            sa.select(key)
            .where(model.expires_at < before)
            .order_by(model.expires_at)
            .limit(size)
        )
        options = {"synchronize_session": False}
        with exchange(self._db) as session:
            keys = session.scalars(select).all()
            if not keys:
                session.rollback()
                return 0
            if key.class_.__tablename__ == self._kinds[1][0].__tablename__:
                session.execute(
                    sa.delete(self._refresh).where(self._refresh.family_id.in_(keys)),
                    execution_options=options,
                )
            session.execute(
                sa.delete(model).where(key.in_(keys)), execution_options=options
            )
            session.commit()
        return len(keys)
