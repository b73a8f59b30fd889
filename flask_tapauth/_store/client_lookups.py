"""Find and list clients."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from ..errors import TemporarilyUnavailableError
from ..models import ClientMixin
from .client_rows import is_of_document
from .models import Models
from .sessions import host_session, look_up_first_row


class ClientLookUps:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._client = models.client
        self._find = sa.select(models.client).where(
            models.client.client_id == sa.bindparam("client_id")
        )

    def find(self, client_id: str, **options: Any) -> ClientMixin | None:
        """:param options: SQLAlchemy's execution options."""
        with host_session(self._db) as session:
            found: ClientMixin | None = session.scalars(
                self._find, {"client_id": client_id}, execution_options=options
            ).one_or_none()
        # A collation of the database may ignore case or accents.
        return found if found is not None and found.client_id == client_id else None

    def find_in_new_transaction(self, client_id: str) -> ClientMixin | None:
        """Find a client as it was last committed, in a new transaction."""
        with host_session(self._db, new_transaction=True):
            # Otherwise SQLAlchemy returns the object that the session has loaded.
            return self.find(client_id, populate_existing=True)

    def is_committed(self, client_id: str) -> bool:
        """Tell whether there is such a client outside of the session's transaction,
        which may read from an older snapshot."""
        row = look_up_first_row(
            self._db,
            self._find,
            {"client_id": client_id},
            model=self._client,
            shares_session=False,
        ).row
        return row is not None and row[0].client_id == client_id

    def look_up(self, client_id: str) -> ClientMixin | None:
        """Find a client, with columns as they are in the database.

        Nothing is committed or flushed. Changes that the host made in ``db.session``
        are kept.
        """
        session = self._db.session
        with session.no_autoflush:
            if not session.dirty:
                return self.find(client_id, populate_existing=True)
            client = self.find(client_id)
            if client is not None:
                loaded: Any = sa.inspect(client)
                unchanged = loaded.unmodified.intersection(
                    loaded.mapper.column_attrs.keys()
                )
                with host_session(self._db):
                    session.refresh(client, unchanged)
            return client

    def list(
        self,
        *,
        state: str | None,
        kind: str | None,
        expires_before: int | None,
        unused_since: int | None,
        search: str | None,
        after: ClientMixin | None,
        limit: int | None,
    ) -> Sequence[ClientMixin]:
        """Return clients, the oldest first.

        :param state: ``active``, ``expired`` or ``disabled``.
        :param kind: ``registered`` or ``document``.
        :param expires_before: only clients whose secret expires before this time.
        :param unused_since: only clients that were registered before this time and
            not used since.
        :param search: the beginning of an id, or a part of a name.
        """
        client, now = self._client, int(time.time())
        is_expired = sa.func.coalesce(client.secret_expires_at <= now, sa.false())
        conditions: list[sa.ColumnElement[bool]] = []
        if state == "disabled":
            conditions.append(client.disabled_at.is_not(None))
        elif state is not None:
            conditions.append(client.disabled_at.is_(None))
            conditions.append(is_expired if state == "expired" else ~is_expired)
        if kind is not None:
            is_document = is_of_document(client)
            conditions.append(is_document if kind == "document" else ~is_document)
        if expires_before is not None:
            conditions.append(client.secret_expires_at < expires_before)
        if unused_since is not None:
            last_sign = sa.func.coalesce(client.last_used_at, client.created_at)
            conditions.append(last_sign < unused_since)
        if search is not None:
            conditions.append(
                client.client_id.startswith(search, autoescape=True)
                # In its own case: to ignore case takes twice the time.
                | client.client_name.contains(search, autoescape=True)
            )
        if after is not None:
            conditions.append(client.id > after.id)
        statement = (
            sa.select(client).where(*conditions).order_by(client.id).limit(limit)
        )
        with host_session(self._db) as session:
            clients: Sequence[ClientMixin] = session.scalars(statement).all()
        return clients

    def find_many(self, client_ids: Sequence[str]) -> Sequence[ClientMixin]:
        """Return the clients with these ids, in their order.

        :raises TemporarilyUnavailableError: one of them is gone.
        """
        found: dict[str, ClientMixin] = {}
        with host_session(self._db) as session:
            for batch in _batches(client_ids):
                statement = sa.select(self._client).where(
                    self._client.client_id.in_(batch)
                )
                for client in session.scalars(statement):
                    found[client.client_id] = client
        if len(found) < len(client_ids):
            raise TemporarilyUnavailableError
        return [found[client_id] for client_id in client_ids]

    def find_taken(self, client_ids: Collection[str]) -> set[str]:
        """Return the ids that are taken, and end the transaction."""
        taken: set[str] = set()
        with host_session(self._db) as session:
            for batch in _batches([*client_ids]):
                column = self._client.client_id
                taken.update(
                    session.scalars(sa.select(column).where(column.in_(batch)))
                )
            session.commit()
        return taken.intersection(client_ids)


def _batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
