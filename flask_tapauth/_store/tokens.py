"""The table of access tokens."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .._base.moments import has_passed
from ..models import ClientMixin
from .client_rows import (
    begins_with,
    belongs_to,
    in_state,
    inserting_for_client,
    is_shut_out,
    withdrawn,
)
from .events import Event, EventStore
from .models import Models
from .retry import retry_once
from .revocation import Revocation, Revoked
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
    is_revoked: bool
    client_disabled_at: int | None
    client_expires_at: int | None
    allowed_networks: tuple[str, ...]
    client_last_used_at: int | None

    def fault(self) -> str | None:
        """Return why it is not accepted; None if it is."""
        return "expired" if has_passed(self.expires_at) else self.withdrawn()

    def withdrawn(self) -> str | None:
        """Return why it is not accepted before it expires: it is ``revoked``, or its
        client is ``client_disabled`` or ``client_expired``."""
        return withdrawn(
            self.is_revoked, self.client_disabled_at, self.client_expires_at
        )


class TokenStore:
    """
    :param shares_session: look tokens up in ``db.session``, not in a short session.
    """

    def __init__(
        self,
        db: SQLAlchemy,
        models: Models,
        cache: TokenCache,
        events: EventStore,
        shares_session: bool,
    ) -> None:
        self._db = db
        self._cache = cache
        self._events = events
        self._revocation = Revocation(db, models.token, cache, events)
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

    def list(
        self, client: ClientMixin | None, user_id: str | None, state: str, limit: int
    ) -> Sequence[tuple[bytes, StoredToken]]:
        """Return the newest access tokens of a state, with their digests.

        :param state: ``active``, ``expired``, ``revoked`` or ``all``.
        """
        token = self._token
        is_withdrawn = sa.or_(self._is_revoked, is_shut_out(self._client))
        statement = (
            self._select()
            .add_columns(token.digest)
            .where(
                *belongs_to(token, client, user_id),
                *in_state(state, token.expires_at, is_withdrawn),
            )
            .order_by(token.issued_at.desc(), token.digest)
            .limit(limit)
        )
        return self._with_digests(statement)

    def find_by_handle(self, handle: bytes) -> Sequence[tuple[bytes, StoredToken]]:
        """Return the digests and tokens whose digest begins so, two at most."""
        return self._with_digests(
            self._select()
            .add_columns(self._token.digest)
            .where(begins_with(self._token.digest, handle))
            .limit(2)
        )

    def _with_digests(
        self, statement: sa.Select[Any]
    ) -> Sequence[tuple[bytes, StoredToken]]:
        with host_session(self._db) as session:
            rows = session.execute(statement).all()
        return [(row[-1], StoredToken._make(row[:-1])) for row in rows]

    @retry_once
    def insert(
        self, client: ClientMixin, values: dict[str, Any], event: Event | None
    ) -> None:
        """Store an access token.

        :param values: of all columns but `client_pk`.
        :raises RegistrationError: the client was deleted in the meantime.
        """
        key = client.id
        with inserting_for_client(self._db, self._client, client) as session:
            # Values in the statement would double the time that this takes.
            session.execute(sa.insert(self._token), {"client_pk": key, **values})
            self._events.add(session, event)

    def revoke_one(self, digest: bytes, now: int, event: Event | None) -> Revoked:
        """Revoke a token."""
        conditions = [self._token.digest == digest]
        return self._revocation.revoke(now, conditions, event, digest)

    @functools.cached_property
    def _is_revoked(self) -> sa.ColumnElement[bool]:
        token, family = self._token, self._family
        return sa.or_(
            token.revoked_at.is_not(None),
            sa.and_(
                token.family_id.is_not(None),
                sa.or_(family.id.is_(None), family.revoked_at.is_not(None)),
            ),
        )

    @functools.cached_property
    def _find(self) -> sa.Select[Any]:
        return self._select().where(self._token.digest == sa.bindparam("digest"))

    def _select(self) -> sa.Select[Any]:
        # Few columns and no entities, which would take twice the time. Columns of the
        # models and not of the tables, so that the host's `with_loader_criteria` apply;
        # old versions of SQLAlchemy apply them only to the left side of a join.
        client, token, family = self._client, self._token, self._family
        statement: Any = (
            sa.select(
                client.client_id,
                token.user_id,
                token.scopes,
                token.issued_at,
                token.expires_at,
                token.audience,
                self._is_revoked.label("is_revoked"),
                client.disabled_at,
                client.secret_expires_at,
                client.allowed_networks,
                client.last_used_at,
            )
            .join_from(client, token, token.client_pk == client.id)
            .outerjoin(family, token.family_id == family.id)
        )
        select: sa.Select[Any] = statement
        return select
