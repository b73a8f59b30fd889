"""The statements on access tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .._columns import has_passed
from ..errors import RegistrationError, TemporarilyUnavailableError
from ..models import ClientMixin
from .exchange import SingleStatements, exchange
from .memory import Memory
from .models import Models
from .owners import owned_by


class StoredToken(NamedTuple):
    """A row of the token table, with what other rows say of its worth."""

    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    audience: tuple[str, ...]
    client_expires_at: int | None
    was_withdrawn: bool

    def is_withdrawn(self) -> bool:
        """Tell whether it opens nothing though its time is not up."""
        return self.was_withdrawn or has_passed(self.client_expires_at)


class TokenStore:
    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        single: SingleStatements,
        replica: SingleStatements | None,
        memory: Memory | None,
    ) -> None:
        self._db = db
        self._single = single
        self._replica = replica
        self._memory = memory
        self._token = models.token
        self._select = _select_with_client(models)
        self._find = self._select.where(models.token.digest == sa.bindparam("digest"))
        # By attribute: hosts may name the columns otherwise.
        self._columns = sa.inspect(models.token).columns
        self._insert = sa.insert(sa.inspect(models.token).local_table)
        # Lets Flask-SQLAlchemy find the bind of a statement that names no model.
        self._bind = {"mapper": models.token}

    def find(self, digest: bytes) -> StoredToken | None:
        """Look an access token up, its client with it, in one statement."""
        memory = self._memory
        if memory is None:
            row = self._look_up(digest)
        else:
            row = memory.find(digest, self._look_up)
        return None if row is None else StoredToken._make(row)

    def _look_up(self, digest: bytes) -> Any:
        # A replica may be behind, or down: what it does not know, the primary may.
        if self._replica is not None:
            try:
                row = self._replica.first(self._find, {"digest": digest})
            except TemporarilyUnavailableError:
                row = None
            if row is not None:
                return row
        return self._single.first(self._find, {"digest": digest})

    def iterate(
        self, client: ClientMixin | None, user_id: str | None
    ) -> Iterator[StoredToken]:
        """Yield access tokens, the newest first."""
        statement = self._select.where(
            *owned_by(self._token, client, user_id)
        ).order_by(self._token.issued_at.desc())
        with exchange(self._db) as session:
            rows = session.execute(
                statement,
                bind_arguments=self._bind,
                execution_options={"yield_per": 1000},
            )
            with closing(rows):  # whoever iterates may stop in the middle
                yield from map(StoredToken._make, rows)

    def insert(self, client: ClientMixin, values: dict[str, Any]) -> None:
        """Store an access token.

        :param values: the columns beside `client_pk`.
        :raises RegistrationError: the client was deleted in the meantime.
        """
        values = {"client_pk": client.id, **values}
        row = {self._columns[name].key: value for name, value in values.items()}
        with self._single.begin() as connection:
            try:
                connection.execute(self._insert, row)
            except exc.IntegrityError:
                self._single.undo()
                raise RegistrationError("the client was deleted") from None

    def revoke_one(self, digest: bytes, now: int) -> int:
        """Revoke a token, and return 1 if it was not revoked before."""
        count = self._revoke(now, [self._token.digest == digest])
        if self._memory is not None:
            self._memory.forget(digest)
        return count

    def revoke(
        self, now: int, *, client: ClientMixin | None, user_id: str | None
    ) -> int:
        """Revoke the tokens of a client, of a person, or of one for the other.

        Those of a family are revoked with their family.

        :returns: how many were alive.
        """
        which = [self._token.expires_at > now, self._token.family_id.is_(None)]
        which += owned_by(self._token, client, user_id)
        count = self._revoke(now, which)
        if self._memory is not None:
            self._memory.forget_all()
        return count

    def _revoke(self, now: int, which: list[sa.ColumnElement[bool]]) -> int:
        statement = (
            sa.update(self._token)
            .where(self._token.revoked_at.is_(None), *which)
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        with exchange(self._db, anew=True) as session:
            count: int = session.execute(statement).rowcount
            session.commit()
        return count


def _select_with_client(models: Models) -> sa.Select[Any]:
    # Columns of the tables, and few: entities of the ORM would take half of the time,
    # and each column takes its own.
    clients, tokens, families = map(
        sa.inspect, (models.client, models.token, models.family)
    )
    client, token, family = clients.columns, tokens.columns, families.columns
    was_withdrawn = sa.or_(
        token.revoked_at.is_not(None),
        client.disabled_at.is_not(None),
        sa.and_(
            token.family_id.is_not(None),
            sa.or_(family.id.is_(None), family.revoked_at.is_not(None)),
        ),
    )
    return (
        sa.select(
            client.client_id,
            token.user_id,
            token.scopes,
            token.issued_at,
            token.expires_at,
            token.audience,
            client.secret_expires_at,
            was_withdrawn.label("was_withdrawn"),
        )
        .join_from(
            tokens.local_table, clients.local_table, token.client_pk == client.id
        )
        .outerjoin(families.local_table, token.family_id == family.id)
    )
