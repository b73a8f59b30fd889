"""The statements on access tokens."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..errors import RegistrationError
from ..models import ClientMixin, has_passed
from .exchange import exchange
from .models import Models


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

    def check_client(self, client: ClientMixin) -> bool:
        """Tell whether it is this client's; Authlib asks before a revocation."""
        return self.client_id == client.client_id

    def is_withdrawn(self) -> bool:
        """Tell whether it opens nothing though its time is not up."""
        return (
            self.revoked_at is not None
            or self.client_disabled_at is not None
            or has_passed(self.client_expires_at)
        )


class TokenStore:
    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._token = models.token
        self._select = _select_with_client(models)
        # Lets Flask-SQLAlchemy find the bind of a statement that names no model.
        self._bind = {"mapper": models.token}

    def find(self, digest: bytes) -> StoredToken | None:
        """Look an access token up, its client with it, in one statement."""
        with exchange(self._db) as session:
            row = session.execute(
                self._select, {"digest": digest}, bind_arguments=self._bind
            ).first()
        return None if row is None else StoredToken._make(row)

    def insert(self, digest: bytes, client: ClientMixin, **values: Any) -> None:
        """Store an access token.

        :param values: the columns beside `digest` and `client_pk`.
        :raises RegistrationError: the client was deleted in the meantime.
        """
        statement = sa.insert(self._token).values(
            digest=digest, client_pk=client.id, **values
        )
        with exchange(self._db) as session:
            try:
                session.execute(statement)
            except exc.IntegrityError:
                session.rollback()
                raise RegistrationError("the client was deleted") from None
            session.commit()

    def revoke_one(self, digest: bytes, now: int) -> int:
        """Revoke a token, and return 1 if it was not revoked before."""
        return self._revoke(now, [self._token.digest == digest])

    def revoke(
        self, now: int, *, client: ClientMixin | None, user_id: str | None
    ) -> int:
        """Revoke the tokens of a client, of a person, or of one for the other.

        :returns: how many were alive.
        """
        which = [self._token.expires_at > now]
        if client is not None:
            which.append(self._token.client_pk == client.id)
        if user_id is not None:
            which.append(self._token.user_id == user_id)
        return self._revoke(now, which)

    def _revoke(self, now: int, which: list[sa.ColumnElement[bool]]) -> int:
        statement = (
            sa.update(self._token)
            .where(self._token.revoked_at.is_(None), *which)
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        with exchange(self._db) as session:
            count: int = session.execute(statement).rowcount
            session.commit()
        return count


def _select_with_client(models: Models) -> sa.Select[Any]:
    # Columns of the tables: entities of the ORM would take half of the time.
    clients: Any = models.client
    tokens: Any = models.token
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
