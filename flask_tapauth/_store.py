"""Every statement that goes to the database, all through the host's ``db.session``.

What the database cannot do at the moment becomes
:class:`~flask_tapauth.errors.TemporarilyUnavailableError`, and the session is usable
again afterwards. Whatever writes also commits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .errors import RegistrationError, TemporarilyUnavailableError
from .models import ClientMixin, TokenMixin, has_passed

log = logging.getLogger(__name__)


class StoredToken(NamedTuple):
    """A row of the token table, with what its client's row says of its worth."""

    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    revoked_at: int | None
    client_disabled_at: int | None
    client_expires_at: int | None

    def is_withdrawn(self) -> bool:
        """Tell whether it opens nothing though its time is not up."""
        return (
            self.revoked_at is not None
            or self.client_disabled_at is not None
            or has_passed(self.client_expires_at)
        )


class Store:
    """The clients and tokens of one app.

    :param db: the host's Flask-SQLAlchemy.
    :param client_model: the model of clients, mapped.
    :param token_model: the model of tokens, mapped, its `client_pk` pointing there.
    """

    def __init__(
        self,
        db: SQLAlchemy,
        client_model: type[ClientMixin],
        token_model: type[TokenMixin],
    ) -> None:
        self._db = db
        self._client = client_model
        self._token = token_model
        self._select_token = _select_token(client_model, token_model)
        # Lets Flask-SQLAlchemy find the bind of a statement that names no model.
        self._bind = {"mapper": token_model}

    def find_token(self, digest: bytes) -> StoredToken | None:
        """Look an access token up, its client with it, in one statement."""
        with self._exchange() as session:
            row = session.execute(
                self._select_token, {"digest": digest}, bind_arguments=self._bind
            ).first()
        return None if row is None else StoredToken._make(row)

    def insert_token(
        self,
        *,
        digest: bytes,
        client: ClientMixin,
        user_id: str | None,
        scopes: tuple[str, ...],
        issued_at: int,
        expires_at: int,
    ) -> None:
        """Store an access token.

        :raises RegistrationError: the client was deleted in the meantime.
        """
        statement = sa.insert(self._token).values(
            digest=digest,
            client_pk=client.id,
            user_id=user_id,
            scopes=scopes,
            issued_at=issued_at,
            expires_at=expires_at,
        )
        with self._exchange() as session:
            try:
                session.execute(statement)
            except exc.IntegrityError:
                session.rollback()
                raise RegistrationError("the client was deleted") from None
            session.commit()

    def revoke_tokens(self, client: ClientMixin, now: int) -> int:
        """Revoke the client's tokens that are alive, and return how many."""
        statement = (
            sa.update(self._token)
            .where(
                self._token.client_pk == client.id,
                self._token.revoked_at.is_(None),
                self._token.expires_at > now,
            )
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        with self._exchange() as session:
            count: int = session.execute(statement).rowcount
            session.commit()
        return count

    def find_client(self, client_id: str) -> ClientMixin | None:
        statement = sa.select(self._client).where(self._client.client_id == client_id)
        with self._exchange() as session:
            found: ClientMixin | None = session.scalars(statement).one_or_none()
        return found

    def list_clients(self) -> Sequence[ClientMixin]:
        """Return all clients, the oldest first."""
        statement = sa.select(self._client).order_by(self._client.id)
        with self._exchange() as session:
            clients: Sequence[ClientMixin] = session.scalars(statement).all()
        return clients

    def insert_client(self, values: Mapping[str, Any]) -> ClientMixin:
        """Store a client and return it.

        A statement and no constructor, which a host's dataclass model may have given
        any signature.

        :raises RegistrationError: the client id is taken, or a column of the host's
            is missing or wrong.
        """
        unknown = values.keys() - sa.inspect(self._client).column_attrs.keys()
        if unknown:
            raise RegistrationError(f"the client model has no column {min(unknown)!r}")
        if self.find_client(values["client_id"]) is not None:
            raise _taken(values["client_id"])
        with self._exchange() as session:
            try:
                session.execute(sa.insert(self._client).values(**values))
            except exc.IntegrityError as error:
                session.rollback()
                if self.find_client(values["client_id"]) is not None:
                    raise _taken(values["client_id"]) from None
                raise RegistrationError(f"the database refused it: {error.orig}") from (
                    None
                )
            session.commit()
        client = self.find_client(values["client_id"])
        if client is None:
            raise TemporarilyUnavailableError
        return client

    def update_client(self, client: ClientMixin, values: Mapping[str, Any]) -> None:
        with self._exchange() as session:
            session.execute(
                sa.update(self._client)
                .where(self._client.id == client.id)
                .values(**values)
            )
            session.commit()

    def delete_client(self, client: ClientMixin) -> None:
        """Delete a client with its tokens, whether the database cascades or not."""
        with self._exchange() as session:
            session.execute(
                sa.delete(self._token)
                .where(self._token.client_pk == client.id)
                .execution_options(synchronize_session=False)
            )
            session.execute(sa.delete(self._client).where(self._client.id == client.id))
            session.commit()

    @contextmanager
    def _exchange(self) -> Iterator[Any]:
        session = self._db.session
        try:
            yield session
        except (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError) as error:
            session.rollback()
            # The error's own text has the statement's parameters in it.
            reason = getattr(error, "orig", None) or type(error).__name__
            log.error("The database cannot be used: %s", reason)
            raise TemporarilyUnavailableError from None


def _taken(client_id: str) -> RegistrationError:
    return RegistrationError(f"client id {client_id!r} is taken; choose another")


def _select_token(
    client_model: type[ClientMixin], token_model: type[TokenMixin]
) -> sa.Select[Any]:
    # Columns of the tables: entities of the ORM would take half of the time.
    clients: Any = client_model
    tokens: Any = token_model
    client, token = clients.__table__.c, tokens.__table__.c
    return (
        sa.select(
            client.client_id,
            token.user_id,
            token.scope,
            token.issued_at,
            token.expires_at,
            token.revoked_at,
            client.disabled_at,
            client.secret_expires_at,
        )
        .join_from(tokens.__table__, clients.__table__, token.client_pk == client.id)
        .where(token.digest == sa.bindparam("digest"))
    )
