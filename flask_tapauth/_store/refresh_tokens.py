"""The tables of refresh tokens and of token families."""

from __future__ import annotations

import time
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
from .sessions import host_session
from .token_cache import TokenCache


class StoredRefreshToken(NamedTuple):
    """A refresh token, with its family and its client."""

    digest: bytes
    used_at: int | None
    family_id: int
    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    issued_at: int
    expires_at: int
    revoked_at: int | None
    client_disabled_at: int | None
    client_expires_at: int | None

    def is_spent(self, grace: int) -> bool:
        """Tell whether it was used longer than `grace` seconds ago."""
        if self.used_at is None:
            return False
        return not grace or has_passed(self.used_at + grace)

    def is_usable(self, grace: int) -> bool:
        """Tell whether it can be exchanged for new tokens."""
        return self.fault() is None and not self.is_spent(grace)

    def fault(self) -> str | None:
        """Return why it cannot be used: it is ``expired`` or ``revoked``, or its client
        is ``client_disabled`` or ``client_expired``; None if it can."""
        if has_passed(self.expires_at):
            return "expired"
        return withdrawn(
            self.revoked_at is not None,
            self.client_disabled_at,
            self.client_expires_at,
        )

    def check_client(self, client: ClientMixin) -> bool:
        """Tell whether it was issued to this client. Authlib calls this."""
        return self.client_id == client.client_id


class RefreshTokenStore:
    def __init__(
        self, db: SQLAlchemy, models: Models, cache: TokenCache, events: EventStore
    ) -> None:
        self._db = db
        self._events = events
        self._revocation = Revocation(db, models.family, cache, events)
        self._client = models.client
        self._token = models.token
        self._family = models.family
        self._refresh = models.refresh_token

    def find(self, digest: bytes) -> StoredRefreshToken | None:
        statement = self._select().where(self._refresh.digest == digest)
        with host_session(self._db) as session:
            row = session.execute(statement).first()
        return None if row is None else StoredRefreshToken._make(row)

    def list(
        self,
        client: ClientMixin | None,
        user_id: str | None,
        state: str,
        limit: int,
        grace: int,
    ) -> Sequence[StoredRefreshToken]:
        """Return the newest refresh tokens of a state, the newest family first.

        :param state: ``active``, ``expired``, ``revoked``, ``used`` or ``all``.
        :param grace: how many seconds after its use a token may be used again.
        """
        family, refresh = self._family, self._refresh
        is_spent = sa.func.coalesce(
            refresh.used_at <= int(time.time()) - grace, sa.false()
        )
        is_withdrawn = sa.or_(family.revoked_at.is_not(None), is_shut_out(self._client))
        conditions = in_state(state, family.expires_at, is_withdrawn)
        if state != "all":
            conditions = [is_spent] if state == "used" else [*conditions, ~is_spent]
        statement = (
            self._select()
            .where(*belongs_to(family, client, user_id), *conditions)
            .order_by(family.issued_at.desc(), family.id.desc(), refresh.digest)
            .limit(limit)
        )
        with host_session(self._db) as session:
            return [StoredRefreshToken._make(r) for r in session.execute(statement)]

    def find_by_handle(self, handle: bytes) -> Sequence[StoredRefreshToken]:
        """Return the refresh tokens whose digest begins so, two at most."""
        statement = (
            self._select().where(begins_with(self._refresh.digest, handle)).limit(2)
        )
        with host_session(self._db) as session:
            return [StoredRefreshToken._make(r) for r in session.execute(statement)]

    @retry_once
    def open_family(
        self,
        client: ClientMixin,
        family: dict[str, Any],
        refresh_digest: bytes,
        access_token: dict[str, Any],
        event: Event | None,
    ) -> None:
        """Store a new family with its first refresh token and access token.

        :raises RegistrationError: the client was deleted in the meantime.
        """
        key = client.id
        insert = sa.insert(self._family).values(client_pk=key, **family)
        with inserting_for_client(self._db, self._client, client) as session:
            family_id = session.execute(insert).inserted_primary_key[0]
            self._add(session, family_id, key, refresh_digest, access_token)
            self._events.add(session, event)

    @retry_once
    def rotate(
        self,
        client: ClientMixin,
        used: StoredRefreshToken,
        refresh_digest: bytes,
        access_token: dict[str, Any],
        grace: int,
        event: Event | None,
    ) -> bool:
        """Mark a refresh token as used, and store its successor and an access token.

        :param grace: how many seconds after its use a token may be used again.
        :returns: whether the token could be used. Of several concurrent calls, only one
            can use it, unless there is a grace time.
        """
        key = client.id
        now = int(time.time())
        use = (
            sa.update(self._refresh)
            .where(self._refresh.digest == used.digest, self._refresh.used_at.is_(None))
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        )
        with inserting_for_client(self._db, self._client, client) as session:
            # Every row that it matches is changed. MariaDB's drivers may count changed
            # rows or matched rows, depending on how the host connects.
            is_first = session.execute(use).rowcount
            if not is_first and not self._is_in_grace_time(
                session, used.digest, now, grace
            ):
                return False
            self._add(session, used.family_id, key, refresh_digest, access_token)
            self._events.add(session, event)
        return True

    @retry_once
    def add_access_token(
        self,
        client: ClientMixin,
        family_id: int,
        access_token: dict[str, Any],
        event: Event | None,
    ) -> None:
        """Store an access token for a refresh token that the client keeps."""
        key = client.id
        with inserting_for_client(self._db, self._client, client) as session:
            session.execute(
                sa.insert(self._token).values(
                    client_pk=key, family_id=family_id, **access_token
                )
            )
            self._events.add(session, event)

    def revoke_family(self, family_id: int, now: int, event: Event | None) -> Revoked:
        """Revoke all tokens of a family, which count as one."""
        return self._revocation.revoke(now, [self._family.id == family_id], event)

    def _is_in_grace_time(
        self, session: Any, digest: bytes, now: int, grace: int
    ) -> bool:
        """Tell whether a used refresh token may be used again. The grace time counts
        from its first use."""
        if not grace:
            return False
        used_at = sa.select(self._refresh.used_at).where(self._refresh.digest == digest)
        row = session.execute(used_at).first()
        # On a read replica, `used_at` may still be null.
        return row is not None and (row.used_at is None or row.used_at > now - grace)

    def _add(
        self,
        session: Any,
        family_id: int,
        client_pk: int,
        refresh_digest: bytes,
        access_token: dict[str, Any],
    ) -> None:
        session.execute(
            sa.insert(self._refresh).values(digest=refresh_digest, family_id=family_id)
        )
        session.execute(
            sa.insert(self._token).values(
                client_pk=client_pk, family_id=family_id, **access_token
            )
        )

    def _select(self) -> sa.Select[Any]:
        client, family, refresh = self._client, self._family, self._refresh
        statement: Any = (
            sa.select(
                refresh.digest,
                refresh.used_at,
                family.id,
                client.client_id,
                family.user_id,
                family.scopes,
                family.audience,
                family.issued_at,
                family.expires_at,
                family.revoked_at,
                client.disabled_at,
                client.secret_expires_at,
            )
            .join(family, family.id == refresh.family_id)
            .join(client, client.id == family.client_pk)
        )
        select: sa.Select[Any] = statement
        return select
