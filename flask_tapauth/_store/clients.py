"""The statements on clients."""

from __future__ import annotations

import functools
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
from .entities import Entities, columns_of
from .exchange import SingleStatements, exchange, reason_of
from .memory import Memory
from .models import Models


class ClientStore:
    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        single: SingleStatements,
        memory: Memory | None,
    ) -> None:
        self._db = db
        self._single = single
        self._memory = memory
        self._client = models.client
        self._by_id = [models.client.client_id == sa.bindparam("client_id")]
        self._find = sa.select(models.client).where(*self._by_id)
        self._family = models.family
        self._refresh_token = models.refresh_token
        self._owned = (models.token, models.consent, models.family)

    def find(self, client_id: str, **options: Any) -> ClientMixin | None:
        """
        :param options: SQLAlchemy's execution options.
        """
        with exchange(self._db) as session:
            found: ClientMixin | None = session.scalars(
                self._find, {"client_id": client_id}, execution_options=options
            ).one_or_none()
        # A collation may hold more than this for equal.
        return found if found is not None and found.client_id == client_id else None

    def look_up(self, client_id: str) -> ClientMixin | None:
        """Find a client that asks for something, in one statement and no transaction.

        :returns: an entity of ``db.session`` as :meth:`find` returns it.
        """
        if self._single.are_shared():
            return self.find(client_id)
        session = self._db.session()
        entities, statement = self._entities
        loaded = None  # held, for the session alone would let go of it
        if not entities.are_made_of_rows(session):
            with session.no_autoflush:
                loaded = self.find(client_id)
            if loaded is None:
                return None
        values = {"client_id": client_id}
        if loaded is not None or session.in_transaction():
            # The host may have written the client, which nobody else sees. What it has
            # read before is read anew.
            with exchange(self._db), session.no_autoflush:
                row: Any = session.execute(
                    statement, values, bind_arguments={"mapper": self._client}
                ).first()
        else:
            row = self._single.first(statement, values)
        if row is None or row.client_id != client_id:
            return None
        client: ClientMixin = entities.add(session, row)
        return client

    @functools.cached_property
    def _entities(self) -> tuple[Entities, sa.Select[Any]]:
        # Not before the host's models are all there, to which its own may be related.
        entities = Entities(sa.inspect(self._client))
        return entities, entities.select.where(*self._by_id)

    def list(self) -> Sequence[ClientMixin]:
        """Return all clients, the oldest first."""
        statement = sa.select(self._client).order_by(self._client.id)
        with exchange(self._db) as session:
            clients: Sequence[ClientMixin] = session.scalars(statement).all()
        return clients

    def find_many(self, client_ids: Sequence[str]) -> Sequence[ClientMixin]:
        """Return the clients with these ids, in their order.

        :raises TemporarilyUnavailableError: one is not there any more.
        """
        found: dict[str, ClientMixin] = {}
        with exchange(self._db) as session:
            for some in _batches(client_ids):
                statement = sa.select(self._client).where(
                    self._client.client_id.in_(some)
                )
                for client in session.scalars(statement):
                    found[client.client_id] = client
        if len(found) < len(client_ids):
            raise TemporarilyUnavailableError
        return [found[client_id] for client_id in client_ids]

    def find_taken(self, client_ids: Collection[str]) -> set[str]:
        """Return those of the ids that clients have, and end the transaction."""
        taken: set[str] = set()
        with exchange(self._db) as session:
            for some in _batches([*client_ids]):
                column = self._client.client_id
                taken.update(session.scalars(sa.select(column).where(column.in_(some))))
            session.commit()
        return taken.intersection(client_ids)

    def insert(self, values: Mapping[str, Any]) -> ClientMixin:
        """Store a client and return it.

        A statement and no constructor, which a host's dataclass model may have given
        any signature.

        :raises RegistrationError: the client id is taken, or a column of the host's
            is missing or wrong.
        """
        self.check_columns(values)
        client_id = values["client_id"]
        taken = RegistrationError(f"client id {client_id!r} is taken; choose another")
        if self.find(client_id) is not None:
            raise taken
        with exchange(self._db) as session:
            try:
                session.execute(sa.insert(self._client).values(**values))
            except (exc.StatementError, OverflowError) as error:
                if _is_outage(error):
                    raise
                session.rollback()
                if self.find(client_id) is not None:
                    raise taken from None
                raise RegistrationError(_refusal(error)) from None
            session.commit()
        client = self.find(client_id)
        if client is None:
            raise TemporarilyUnavailableError
        return client

    def insert_many(self, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """Store clients, in one transaction.

        :param rows: what :meth:`insert` takes, each by the number to blame.
        :raises ImportRefusedError: the database refused one.
        """
        with exchange(self._db) as session:
            for number, values in rows.items():
                try:
                    session.execute(sa.insert(self._client).values(**values))
                except (exc.StatementError, OverflowError) as error:
                    if _is_outage(error):
                        raise
                    session.rollback()
                    raise ImportRefusedError({number: _refusal(error)}) from None
            session.commit()

    def check_columns(self, given: Collection[str]) -> None:
        """:raises RegistrationError: one is unknown, or one of the host's missing."""
        columns = columns_of(sa.inspect(self._client))
        for name in given:
            if name not in columns:
                raise RegistrationError(f"the client model has no column {name!r}")
        for name, column in columns.items():
            has_default = column.default or column.server_default or column.primary_key
            if name not in given and not column.nullable and not has_default:
                raise RegistrationError(
                    f"the client model's column {name!r} needs a value"
                )

    def update(self, client: ClientMixin, values: Mapping[str, Any]) -> None:
        """:raises RegistrationError: the database refused it."""
        statement = sa.update(self._client).where(self._client.id == client.id)
        with self._writing() as session:
            session.execute(statement.values(**values))
            session.commit()
        self._forget()

    def delete(self, client: ClientMixin) -> None:
        """Delete a client and what is its, whether the database cascades or not.

        :raises RegistrationError: a row of the host's refers to it.
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
            session.commit()
        self._forget()

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Lend the session for what a constraint of the host's may forbid."""
        with exchange(self._db) as session:
            try:
                yield session
            except (exc.IntegrityError, exc.DataError) as error:
                session.rollback()
                raise RegistrationError(_refusal(error)) from None

    def _forget(self) -> None:
        if self._memory is not None:
            self._memory.forget_all()


def _batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _refusal(error: Exception) -> str:
    reason = reason_of(error) if isinstance(error, exc.DBAPIError) else str(error)
    return f"the database refused it: {next(iter(reason.splitlines()), reason)}"


def _is_outage(error: Exception) -> bool:
    """Tell a database that cannot from one that will not."""
    return isinstance(error, exc.DBAPIError) and not isinstance(
        error, (exc.IntegrityError, exc.DataError)
    )
