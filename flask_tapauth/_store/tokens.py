"""The table of access tokens."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .._base.moments import has_passed
from ..models import ClientMixin
from .client_rows import belongs_to, inserting_for_client
from .models import Models
from .retry import retry_once
from .revocation import Revoked, revoke
from .sessions import LookedUp, host_session, look_up_first_row
from .token_cache import TokenCache


class StoredToken(NamedTuple):
    """A row of the token table, with the state of its client and its family."""

    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    audience: tuple[str, ...]
    client_expires_at: int | None
    was_withdrawn: bool

    def is_withdrawn(self) -> bool:
        """Tell whether it is revoked, or its client is disabled or expired."""
        return self.was_withdrawn or has_passed(self.client_expires_at)


class TokenStore:
    """
    :param shares_session: look tokens up in ``db.session``, not in a short session.
    """

    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        cache: TokenCache,
        shares_session: bool,
    ) -> None:
        self._db = db
        self._cache = cache
        self._shares_session = shares_session
        self._client = models.client
        self._token = models.token
        self._family = models.family

    @retry_once
    def find(self, digest: bytes) -> StoredToken | None:
        """Find the access token of a request to a view, with the help of the cache."""
        row = self._cache.find(digest, self._look_up)
        return None if row is None else StoredToken._make(row)

    def _look_up(self, digest: bytes) -> LookedUp:
        return look_up_first_row(
            self._db,
            self._find,
            {"digest": digest},
            model=self._client,
            shares_session=self._shares_session,
        )

    @retry_once
    def find_uncached(self, digest: bytes) -> StoredToken | None:
        """Find an access token in ``db.session``, without the cache."""
        with host_session(self._db) as session:
            row = session.execute(self._find, {"digest": digest}).first()
        return None if row is None else StoredToken._make(row)

    def iterate(
        self, client: ClientMixin | None, user_id: str | None
    ) -> Iterator[StoredToken]:
        """Yield access tokens, the newest first."""
        statement = (
            self._select()
            .where(*belongs_to(self._token, client, user_id))
            .order_by(self._token.issued_at.desc(), self._token.digest)
        )
        with host_session(self._db) as session:
            rows = session.execute(statement, execution_options={"yield_per": 1000})
            with closing(rows):  # even if the caller stops early
                yield from map(StoredToken._make, rows)

    @retry_once
    def insert(self, client: ClientMixin, values: dict[str, Any]) -> None:
        """Store an access token.

        :param values: of all columns but `client_pk`.
        :raises RegistrationError: the client was deleted in the meantime.
        """
        key = client.id
        with inserting_for_client(self._db, self._client, key) as session:
            # Values in the statement would double the time that this takes.
            session.execute(sa.insert(self._token), {"client_pk": key, **values})

    @retry_once
    def revoke_one(self, digest: bytes, now: int) -> Revoked:
        """Revoke a token."""
        conditions = [self._token.digest == digest]
        return revoke(self._db, self._cache, self._token, now, conditions, digest)

    @retry_once
    def revoke(
        self, now: int, *, client: ClientMixin | None, user_id: str | None
    ) -> Revoked:
        """Revoke the tokens of a client, of a user, or of both.

        Tokens of a family are revoked with their family, and not here.
        """
        conditions = [self._token.expires_at > now, self._token.family_id.is_(None)]
        conditions += belongs_to(self._token, client, user_id)
        return revoke(self._db, self._cache, self._token, now, conditions)

    @functools.cached_property
    def _find(self) -> sa.Select[Any]:
        return self._select().where(self._token.digest == sa.bindparam("digest"))

    def _select(self) -> sa.Select[Any]:
        # Few columns and no entities, which would take twice the time. Columns of the
        # models and not of the tables, so that the host's `with_loader_criteria` apply;
        # old versions of SQLAlchemy apply them only to the left side of a join.
        client, token, family = self._client, self._token, self._family
        was_withdrawn = sa.or_(
            token.revoked_at.is_not(None),
            client.disabled_at.is_not(None),
            sa.and_(
                token.family_id.is_not(None),
                sa.or_(family.id.is_(None), family.revoked_at.is_not(None)),
            ),
        )
        statement: Any = (
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
            .join_from(client, token, token.client_pk == client.id)
            .outerjoin(family, token.family_id == family.id)
        )
        select: sa.Select[Any] = statement
        return select
