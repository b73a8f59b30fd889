"""Delete expired rows and unused clients, in batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .models import Models
from .retry import retry_once
from .sessions import check_may_commit, host_session
from .unused_clients import UnusedClientStore

ASSERTIONS_KEPT_SECONDS: Final = 24 * 3600
"""How long an accepted assertion is kept after it expired. If the clock of the machine
that purges is ahead, the other machines would accept it again."""


class Expired(NamedTuple):
    """The number of expired rows in each table, and of unused clients."""

    access_tokens: int
    refresh_families: int
    assertions: int
    authorization_codes: int
    document_clients: int


class PurgeStore:
    """Deletes in batches, each in its own transaction: no lock is held for long, and
    the memory needed does not depend on the number of rows."""

    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._family = models.family
        self._refresh = models.refresh_token
        self._assertion = models.assertion
        self._unused_clients = UnusedClientStore(db, models)
        # Access tokens before families: a token without its family counts as revoked.
        self._models_and_keys: tuple[tuple[Any, Any], ...] = (
            (models.token, models.token.digest),
            (models.family, models.family.id),
            (models.assertion, models.assertion.digest),
            (models.code, models.code.digest),
        )

    def count(self, before: int) -> Expired:
        """Count the rows that expired before a time, in seconds since the epoch."""
        with host_session(self._db) as session:
            counts = [
                session.scalar(
                    sa.select(sa.func.count())
                    .select_from(model)
                    .where(model.expires_at < self._limit(model, before))
                )
                for model, _ in self._models_and_keys
            ]
        return Expired._make([*counts, self._unused_clients.count(before)])

    def delete(self, before: int, batch_size: int) -> Iterator[Expired]:
        """Delete the rows that expired before a time; yield the counts of each batch.

        Refresh tokens are deleted together with their family, not before: a used one is
        needed to detect its reuse.
        """
        check_may_commit(self._db.session())
        for index, (model, key) in enumerate(self._models_and_keys):
            since, limit = 0, self._limit(model, before)
            while True:
                keys, since = self._select_batch(model, key, since, limit, batch_size)
                if not keys:
                    break
                deleted = [0] * len(Expired._fields)
                deleted[index] = self._delete_batch(model, key, keys)
                yield Expired._make(deleted)
        for count in self._unused_clients.delete(before, batch_size):
            yield Expired(0, 0, 0, 0, count)

    def _limit(self, model: Any, before: int) -> int:
        if model is not self._assertion:
            return before
        return min(before, int(time.time()) - ASSERTIONS_KEPT_SECONDS)

    def _select_batch(
        self, model: Any, key: Any, since: int, before: int, size: int
    ) -> tuple[list[Any], int]:
        """Return the next keys to delete, and the time at which the last one expired.

        The next batch begins at that time, so that the database does not scan the index
        entries of all rows that were deleted.
        """
        statement = (
            sa.select(key, model.expires_at)
            .where(model.expires_at >= since, model.expires_at < before)
            .order_by(model.expires_at)
            .limit(size)
        )
        with host_session(self._db) as session:
            rows = session.execute(statement).all()
            session.commit()
        return [row[0] for row in rows], rows[-1][1] if rows else since

    @retry_once
    def _delete_batch(self, model: Any, key: Any, keys: list[Any]) -> int:
        # By keys, as MariaDB has no LIMIT in a subquery. Another purge may have deleted
        # some of the rows: those are not counted.
        options = {"synchronize_session": False}
        with host_session(self._db, new_transaction=True) as session:
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
