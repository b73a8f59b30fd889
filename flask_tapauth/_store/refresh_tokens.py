"""The statements on refresh tokens and the families they are of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .._columns import has_passed
from ..errors import RegistrationError
from ..models import ClientMixin
from .exchange import exchange
from .memory import Memory
from .models import Models
from .owners import owned_by


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
        """Tell whether it was used, and is past its grace time, in seconds."""
        if self.used_at is None:
            return False
        return not grace or has_passed(self.used_at + grace)

    def is_usable(self, grace: int) -> bool:
        """Tell whether it can renew a token."""
        return not (
            self.is_spent(grace) or self.is_withdrawn() or has_passed(self.expires_at)
        )

    def is_withdrawn(self) -> bool:
        """Tell whether the family has come to its end before its time."""
        return (
            self.revoked_at is not None
            or self.client_disabled_at is not None
            or has_passed(self.client_expires_at)
        )

    def check_client(self, client: ClientMixin) -> bool:
        """Tell whether it is this client's; Authlib asks before it is used."""
        return self.client_id == client.client_id


class RefreshTokenStore:
    def __init__(self, db: SQLAlchemy, models: Models, memory: Memory | None) -> None:
        self._db = db
        self._memory = memory
        self._client = models.client
        self._token = models.token
        self._family = models.family
        self._refresh = models.refresh_token

    def find(self, digest: bytes) -> StoredRefreshToken | None:
        statement = self._select().where(self._refresh.digest == digest)
        with exchange(self._db) as session:
            row = session.execute(statement).first()
        return None if row is None else StoredRefreshToken._make(row)

    def iterate(
        self, client: ClientMixin | None, user_id: str | None
    ) -> Iterator[StoredRefreshToken]:
        """Yield refresh tokens, those of the newest family first."""
        statement = (
            self._select()
            .where(*owned_by(self._family, client, user_id))
            .order_by(self._family.issued_at.desc())
        )
        with exchange(self._db) as session:
            rows = session.execute(statement, execution_options={"yield_per": 1000})
            with closing(rows):  # whoever iterates may stop in the middle
                yield from map(StoredRefreshToken._make, rows)

    def open_family(
        self,
        client: ClientMixin,
        family: dict[str, Any],
        refresh_digest: bytes,
        access_token: dict[str, Any],
    ) -> None:
        """Store a first refresh token, and the access token that comes with it.

        :raises RegistrationError: the client was deleted in the meantime.
        """
        key = client.id
        insert = sa.insert(self._family).values(client_pk=key, **family)
        with exchange(self._db) as session:
            try:
                family_id = session.execute(insert).inserted_primary_key[0]
                self._add(session, family_id, key, refresh_digest, access_token)
            except exc.IntegrityError:
                session.rollback()
                raise RegistrationError("the client was deleted") from None
            session.commit()

    def rotate(
        self,
        client: ClientMixin,
        used: StoredRefreshToken,
        refresh_digest: bytes,
        access_token: dict[str, Any],
        grace: int,
    ) -> bool:
        """Put a new refresh token in the place of a used one, all at once or not.

        :param grace: seconds for which a used one serves again.
        :returns: whether it could still be used. Of many who try, one can.
        """
        key = client.id
        refresh = self._refresh
        now = int(time.time())
        unused: Any = refresh.used_at.is_(None)
        if grace:
            unused = sa.or_(unused, refresh.used_at > now - grace)
        use = (
            sa.update(refresh)
            .where(refresh.digest == used.digest, unused)
            # A retry does not draw the grace time out.
            .values(used_at=sa.func.coalesce(refresh.used_at, now))
            .execution_options(synchronize_session=False)
        )
        with exchange(self._db, anew=True) as session:
            if not session.execute(use).rowcount:
                session.rollback()
                return False
            try:
                self._add(session, used.family_id, key, refresh_digest, access_token)
            except exc.IntegrityError:
                session.rollback()
                raise RegistrationError("the client was deleted") from None
            session.commit()
        return True

    def revoke_family(self, family_id: int, now: int) -> int:
        """Revoke all tokens of a family, and return 1 if it was not revoked before."""
        return self._revoke(now, [self._family.id == family_id])

    def revoke(
        self, now: int, *, client: ClientMixin | None, user_id: str | None
    ) -> int:
        """Revoke the families of a client, of a person, or of one for the other.

        :returns: how many were alive.
        """
        which = [self._family.expires_at > now]
        which += owned_by(self._family, client, user_id)
        return self._revoke(now, which)

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

    def _revoke(self, now: int, which: list[sa.ColumnElement[bool]]) -> int:
        statement = (
            sa.update(self._family)
            .where(self._family.revoked_at.is_(None), *which)
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        with exchange(self._db, anew=True) as session:
            count: int = session.execute(statement).rowcount
            session.commit()
        if self._memory is not None:
            self._memory.forget_all()
        return count

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
