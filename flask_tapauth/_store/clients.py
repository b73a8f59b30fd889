"""Insert, change and delete clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..errors import (
    ImportRefusedError,
    NotPublishedError,
    RegistrationError,
    TemporarilyUnavailableError,
    UnknownClientError,
)
from ..models import ClientMixin
from .client_columns import ClientColumns
from .client_lookups import ClientLookUps
from .database_errors import is_outage, refusal
from .events import Event, EventStore
from .models import Models
from .sessions import check_may_commit, host_session
from .token_cache import TokenCache


class ClientStore(ClientLookUps):
    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        columns: ClientColumns,
        cache: TokenCache,
        events: EventStore,
    ) -> None:
        super().__init__(db, models)
        self._columns = columns
        self._cache = cache
        self._events = events
        self._family = models.family
        self._refresh_token = models.refresh_token
        self._consent = models.consent
        self._owned = (models.token, models.consent, models.family, models.code)

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
        """
        :raises RegistrationError: the database refused the values.
        :raises UnknownClientError: the client was deleted in the meantime.
        """
        key, client_id = client.id, client.client_id
        statement = sa.update(self._client).where(self._client.id == key)
        with self._writing() as session:
            count = session.execute(statement.values(**values)).rowcount
            # MariaDB's drivers may count no row that has these values already, and only
            # a read that locks sees more than the transaction's snapshot.
            find_key = sa.select(self._client.id).where(self._client.id == key)
            if not count and session.scalar(find_key.with_for_update()) is None:
                session.rollback()
                raise UnknownClientError(f"there is no client {client_id!r}")
            self._events.add(session, event)

    def follow_document(
        self, client: ClientMixin, values: Mapping[str, Any], event: Event | None
    ) -> None:
        """Write what a client's document says now, and forget remembered consents and
        ``skip_consent``, which were given to what it said before.

        :raises RegistrationError: the database refused the values.
        """
        key, options = client.id, {"synchronize_session": False}
        statement = sa.update(self._client).where(self._client.id == key)
        consents = sa.delete(self._consent).where(self._consent.client_pk == key)
        with self._writing() as session:
            session.execute(statement.values(**values, skip_consent=False))
            session.execute(consents, execution_options=options)
            self._events.add(session, event)

    def delete(self, client: ClientMixin, event: Event | None) -> None:
        """Delete a client and its rows in our tables, also without ON DELETE CASCADE.

        :raises RegistrationError: a row of the host's refers to the client.
        :raises UnknownClientError: the client was deleted in the meantime.
        """
        key, client_id = client.id, client.client_id
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
            statement = sa.delete(self._client).where(self._client.id == key)
            if not session.execute(statement).rowcount:
                session.rollback()
                raise UnknownClientError(f"there is no client {client_id!r}")
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
            except (exc.StatementError, OverflowError) as error:
                if is_outage(error):
                    raise
                session.rollback()
                raise RegistrationError(refusal(error)) from None
        if not is_published:
            raise NotPublishedError
