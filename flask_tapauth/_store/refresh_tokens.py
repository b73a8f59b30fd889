"""The tables of refresh tokens and of token families."""

from __future__ import annotations

import time
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
        return not (
            self.is_spent(grace) or self.is_withdrawn() or has_passed(self.expires_at)
        )

    def is_withdrawn(self) -> bool:
        """Tell whether the family is revoked, or its client is disabled or expired."""
        return (
            self.revoked_at is not None
            or self.client_disabled_at is not None
            or has_passed(self.client_expires_at)
        )

    def check_client(self, client: ClientMixin) -> bool:
        """Tell whether it was issued to this client. Authlib calls this."""
        return self.client_id == client.client_id


class RefreshTokenStore:
    def __init__(self, db: SQLAlchemy, models: Models, cache: TokenCache) -> None:
        self._db = db
        self._cache = cache
        self._client = models.client
        self._token = models.token
        self._family = models.family
        self._refresh = models.refresh_token

    def find(self, digest: bytes) -> StoredRefreshToken | None:
        statement = self._select().where(self._refresh.digest == digest)
        with host_session(self._db) as session:
            row = session.execute(statement).first()
        return None if row is None else StoredRefreshToken._make(row)

    def iterate(
        self, client: ClientMixin | None, user_id: str | None
    ) -> Iterator[StoredRefreshToken]:
        """Yield refresh tokens, the newest family first."""
        statement = (
            self._select()
            .where(*belongs_to(self._family, client, user_id))
            .order_by(
                self._family.issued_at.desc(),
                self._family.id.desc(),
                self._refresh.digest,
            )
        )
        with host_session(self._db) as session:
            rows = session.execute(statement, execution_options={"yield_per": 1000})
            with closing(rows):  # even if the caller stops early
                yield from map(StoredRefreshToken._make, rows)

    @retry_once
    def open_family(
        self,
        client: ClientMixin,
        family: dict[str, Any],
        refresh_digest: bytes,
        access_token: dict[str, Any],
    ) -> None:
        """Store a new family with its first refresh token and access token.

        :raises RegistrationError: the client was deleted in the meantime.
        """
        key = client.id
        insert = sa.insert(self._family).values(client_pk=key, **family)
        with inserting_for_client(self._db, self._client, key) as session:
            family_id = session.execute(insert).inserted_primary_key[0]
            self._add(session, family_id, key, refresh_digest, access_token)

    @retry_once
    def rotate(
        self,
        client: ClientMixin,
        used: StoredRefreshToken,
        refresh_digest: bytes,
        access_token: dict[str, Any],
        grace: int,
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
        with inserting_for_client(self._db, self._client, key) as session:
            # Every row that it matches is changed. MariaDB's drivers may count changed
            # rows or matched rows, depending on how the host connects.
            is_first = session.execute(use).rowcount
            if not is_first and not self._is_in_grace_time(
                session, used.digest, now, grace
            ):
                return False
            self._add(session, used.family_id, key, refresh_digest, access_token)
        return True

    @retry_once
    def revoke_family(self, family_id: int, now: int) -> Revoked:
        """Revoke all tokens of a family, which count as one."""
        conditions = [self._family.id == family_id]
        return revoke(self._db, self._cache, self._family, now, conditions)

    @retry_once
    def revoke(
        self, now: int, *, client: ClientMixin | None, user_id: str | None
    ) -> Revoked:
        """Revoke the families of a client, of a user, or of both."""
        conditions = [self._family.expires_at > now]
        conditions += belongs_to(self._family, client, user_id)
        return revoke(self._db, self._cache, self._family, now, conditions)

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
