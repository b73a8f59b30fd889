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
        self._family = models.family
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
            since = 0
            while True:
                keys, since = self._select_batch(model, key, since, before, batch_size)
                if not keys:
                    break
                deleted = [0, 0, 0]
                deleted[index] = self._delete_batch(model, key, keys)
                yield Expired._make(deleted)

    def _select_batch(
        self, model: Any, key: Any, since: int, before: int, size: int
    ) -> tuple[list[Any], int]:
        """Return the keys that go next, and the moment the last of them expired at.

        Going on from there spares the database a walk over all that was deleted.
        """
        statement = (
            sa.select(key, model.expires_at)
            .where(model.expires_at >= since, model.expires_at < before)
            .order_by(model.expires_at)
            .limit(size)
        )
        with exchange(self._db) as session:
            rows = session.execute(statement).all()
            session.commit()
        return [row[0] for row in rows], rows[-1][1] if rows else since

    def _delete_batch(self, model: Any, key: Any, keys: list[Any]) -> int:
        # By keys, as MariaDB has no LIMIT in a subquery. Rows that another purge has
        # deleted meanwhile are no harm.
        options = {"synchronize_session": False}
        with exchange(self._db, anew=True) as session:
            if model is self._family:
                session.execute(
                    sa.delete(self._refresh).where(self._refresh.family_id.in_(keys)),
                    execution_options=options,
                )
            count: int = session.execute(
                sa.delete(model).where(key.in_(keys)), execution_options=options
            ).rowcount
            session.commit()
        return count
