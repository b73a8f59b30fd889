"""The table of clients."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..errors import (
    ImportRefusedError,
    RegistrationError,
    TemporarilyUnavailableError,
)
from ..models import ClientMixin
from .client_columns import ClientColumns
from .client_rows import is_of_document
from .database_errors import is_outage, refusal
from .events import Event, EventStore
from .models import Models
from .sessions import check_may_commit, host_session, look_up_first_row
from .token_cache import TokenCache


class ClientStore:
    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        columns: ClientColumns,
        cache: TokenCache,
        events: EventStore,
    ) -> None:
        self._db = db
        self._columns = columns
        self._cache = cache
        self._events = events
        self._client = models.client
        self._find = sa.select(models.client).where(
            models.client.client_id == sa.bindparam("client_id")
        )
        self._family = models.family
        self._refresh_token = models.refresh_token
        self._consent = models.consent
        self._owned = (models.token, models.consent, models.family, models.code)

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

    def insert(self, values: Mapping[str, Any], event: Event | None) -> ClientMixin:
        """Store a client and return it.

        This runs an INSERT, and does not call the model's constructor: a host's
        dataclass model may have any signature.

        :raises RegistrationError: the client id is taken, or a value of the host's
            columns is missing or wrong.
        """
        check_may_commit(self._db.session())
        self._columns.check(values)
        client_id = values["client_id"]
        taken = RegistrationError(
            f"client id {client_id!r} is taken; choose another", "client_id"
        )
        with self._db.session.no_autoflush:
            if self.find(client_id) is not None:
                raise taken
        with host_session(self._db) as session:
            try:
                # A savepoint, so that a refusal does not undo the host's pending work.
                with session.begin_nested():
                    session.execute(sa.insert(self._client).values(**values))
            except (exc.StatementError, OverflowError) as error:
                if is_outage(error):
                    raise
                if self.find(client_id) is not None or self.is_committed(client_id):
                    raise taken from None
                raise RegistrationError(refusal(error)) from None
            self._events.add(session, event)
            session.commit()
        client = self.find(client_id)
        if client is None:
            raise TemporarilyUnavailableError
        return client

    def insert_many(
        self, rows: Mapping[int, Mapping[str, Any]], events: Sequence[Event | None]
    ) -> None:
        """Store clients, in one transaction.

        :param rows: the values of :meth:`insert`, by the number that an error names.
        :raises ImportRefusedError: the database refused a client.
        """
        with host_session(self._db) as session:
            for number, values in rows.items():
                try:
                    session.execute(sa.insert(self._client).values(**values))
                except (exc.StatementError, OverflowError) as error:
                    if is_outage(error):
                        raise
                    session.rollback()
                    raise ImportRefusedError({number: refusal(error)}) from None
            self._events.add(session, *events)
            session.commit()

    def update(
        self, client: ClientMixin, values: Mapping[str, Any], event: Event | None
    ) -> None:
        """:raises RegistrationError: the database refused the values."""
        statement = sa.update(self._client).where(self._client.id == client.id)
        with self._writing() as session:
            session.execute(statement.values(**values))
            self._events.add(session, event)

    def follow_document(
        self, client: ClientMixin, values: Mapping[str, Any], event: Event | None
    ) -> None:
        """Write what a client's document says now, and forget its remembered consents,
        which users gave to what it said before.

        :raises RegistrationError: the database refused the values.
        """
        key, options = client.id, {"synchronize_session": False}
        statement = sa.update(self._client).where(self._client.id == key)
        consents = sa.delete(self._consent).where(self._consent.client_pk == key)
        with self._writing() as session:
            session.execute(statement.values(**values))
            session.execute(consents, execution_options=options)
            self._events.add(session, event)

    def delete(self, client: ClientMixin, event: Event | None) -> None:
        """Delete a client and its rows in our tables, also without ON DELETE CASCADE.

        :raises RegistrationError: a row of the host's refers to the client.
        """
        key = client.id
        families = sa.select(self._family.id).where(self._family.client_pk == key)
        with self._writing() as session:
            session.execute(
                sa.delete(self._refresh_token)
                .where(self._refresh_token.family_id.in_(families))
                .execution_options(synchronize_session=False)
            )
            for owned in self._owned:
                session.execute(
                    sa.delete(owned)
                    .where(owned.client_pk == key)
                    .execution_options(synchronize_session=False)
                )
            session.execute(sa.delete(self._client).where(self._client.id == key))
            self._events.add(session, event)
            if client in session:
                session.expunge(client)  # so that its values can be read afterwards

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Lend the session, commit, and have all processes forget what they cached.

        :raises RegistrationError: a constraint is violated.
        :raises TemporarilyUnavailableError: also if it is committed, and other
            processes could not be told. Repeating the call tells them.
        """
        with host_session(self._db) as session:
            try:
                yield session
                is_published = self._cache.commit(session)
            except (exc.IntegrityError, exc.DataError) as error:
                session.rollback()
                raise RegistrationError(refusal(error)) from None
        if not is_published:
            raise TemporarilyUnavailableError


def _batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
