"""The statements on client assertions that were accepted."""

from __future__ import annotations

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .exchange import exchange
from .models import Models


class AssertionStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._assertion = models.assertion

    def insert(self, digest: bytes, expires_at: int) -> bool:
        """Take note of an assertion, and tell whether this is the first time.

        The primary key decides, for all processes: of many who try at once, one is
        the first.
        """
        statement = sa.insert(self._assertion).values(
            digest=digest, expires_at=expires_at
        )
        with exchange(self._db, anew=True) as session:
            try:
                session.execute(statement)
            except exc.IntegrityError:
                session.rollback()
                return False
            session.commit()
        return True
