"""The table of client assertions that were accepted, so that none is twice."""

from __future__ import annotations

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .models import Models
from .retry import retry_once
from .sessions import host_session


class AssertionStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._assertion = models.assertion

    @retry_once
    def insert(self, digest: bytes, expires_at: int) -> bool:
        """Store an accepted assertion.

        :returns: whether it is new. If several processes insert the same assertion at
            once, the primary key lets one of them succeed.
        """
        model = self._assertion
        statement = sa.insert(model).values(digest=digest, expires_at=expires_at)
        known = sa.select(model.digest).where(model.digest == digest)
        with host_session(self._db, new_transaction=True) as session:
            try:
                session.execute(statement)
            except exc.IntegrityError:
                session.rollback()
                if session.scalar(known) is None:
                    raise  # refused for another reason
                return False
            session.commit()
        return True
