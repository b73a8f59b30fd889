"""The table of authorization codes, and what the user granted with each."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from ..models import ClientMixin
from .client_rows import belongs_to
from .models import Models
from .retry import retry_once
from .sessions import host_session


class StoredCode(NamedTuple):
    """What the user granted with a code."""

    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]


class CodeStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._client = models.client
        self._code = models.code

    @retry_once
    def insert(
        self,
        digest: bytes,
        client: ClientMixin,
        user_id: str,
        scopes: tuple[str, ...],
        audience: tuple[str, ...],
        expires_at: int,
    ) -> None:
        statement = sa.insert(self._code).values(
            digest=digest,
            client_pk=client.id,
            user_id=user_id,
            scopes=scopes,
            audience=audience or None,
            expires_at=expires_at,
        )
        with host_session(self._db, new_transaction=True) as session:
            session.execute(statement)
            session.commit()

    def find(self, digest: bytes) -> StoredCode | None:
        statement = (
            sa.select(
                self._client.client_id,
                self._code.user_id,
                self._code.scopes,
                self._code.audience,
            )
            .join(self._client, self._client.id == self._code.client_pk)
            .where(self._code.digest == digest)
        )
        with host_session(self._db) as session:
            row = session.execute(statement).first()
        return None if row is None else StoredCode._make(row)

    @retry_once
    def delete(self, client: ClientMixin | None, user_id: str | None) -> None:
        """Delete the codes of a client, of a user, or of both."""
        statement = (
            sa.delete(self._code)
            .where(*belongs_to(self._code, client, user_id))
            .execution_options(synchronize_session=False)
        )
        with host_session(self._db, new_transaction=True) as session:
            session.execute(statement)
            session.commit()
