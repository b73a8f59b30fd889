"""The table of authorization codes, and what the user granted with each."""

from __future__ import annotations

import time
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .._base.moments import has_passed
from ..models import ClientMixin
from .client_rows import inserting_for_client
from .events import Event, EventStore
from .models import Models
from .retry import retry_once
from .sessions import host_session

LIFETIME_SECONDS: Final = 60
"""How long a code of our own grant can be used."""


class StoredCode(NamedTuple):
    """A code, and what the user granted with it."""

    digest: bytes
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    expires_at: int
    redirect_uri: str | None
    code_challenge: str | None
    used_at: int | None
    family_id: int | None

    def is_expired(self) -> bool:
        return has_passed(self.expires_at)

    def get_redirect_uri(self) -> None:
        """Authlib demands the redirect URI again if it is told which it was."""


class CodeStore:
    def __init__(self, db: SQLAlchemy, models: Models, events: EventStore) -> None:
        self._db = db
        self._client = models.client
        self._code = models.code
        self._token = models.token
        self._family = models.family
        self._refresh = models.refresh_token
        self._events = events

    @retry_once
    def insert(
        self,
        digest: bytes,
        client: ClientMixin,
        user_id: str,
        scopes: tuple[str, ...],
        audience: tuple[str, ...],
        expires_at: int,
        redirect_uri: str | None = None,
        code_challenge: str | None = None,
    ) -> None:
        """Store what a user granted with a code.

        :param redirect_uri: of a code of our own grant, as is `code_challenge`.
        :raises RegistrationError: the client was deleted in the meantime.
        """
        values = {
            "digest": digest,
            "client_pk": client.id,
            "user_id": user_id,
            "scopes": scopes,
            "audience": audience or None,
            "expires_at": expires_at,
            "redirect_uri": redirect_uri,
            "code_challenge": code_challenge,
        }
        with inserting_for_client(self._db, self._client, client) as session:
            session.execute(sa.insert(self._code).values(**values))

    def find(self, digest: bytes) -> StoredCode | None:
        code = self._code
        statement: Any = (
            sa.select(
                code.digest,
                self._client.client_id,
                code.user_id,
                code.scopes,
                code.audience,
                code.expires_at,
                code.redirect_uri,
                code.code_challenge,
                code.used_at,
                code.family_id,
            )
            .join(self._client, self._client.id == code.client_pk)
            .where(code.digest == digest)
        )
        with host_session(self._db) as session:
            row = session.execute(statement).first()
        return None if row is None else StoredCode._make(row)

    @retry_once
    def redeem(
        self,
        client: ClientMixin,
        code: StoredCode,
        access_token: dict[str, Any],
        refresh_digest: bytes | None,
        ends_at: int,
        event: Event | None,
    ) -> bool:
        """Use a code up, and store the tokens that come of it as a family.

        The code is kept as long as the family, so that its second use can end it.

        :param refresh_digest: the digest of the refresh token, if there is one.
        :param ends_at: when the family expires, in seconds since the epoch.
        :returns: whether the code could be used. Of several concurrent calls, only one
            can use it.
        """
        now, key = int(time.time()), client.id
        own = self._code.digest == code.digest
        use = sa.update(self._code).where(own, self._code.used_at.is_(None))
        family = {
            "client_pk": key,
            "user_id": code.user_id,
            "scopes": code.scopes,
            "audience": code.audience or None,
            "issued_at": now,
            "expires_at": ends_at,
        }
        options = {"synchronize_session": False}
        with inserting_for_client(self._db, self._client, client) as session:
            values = {"used_at": now, "expires_at": ends_at}
            # It changes each row that it matches.
            used = session.execute(use.values(**values), execution_options=options)
            if not used.rowcount:
                return False
            inserted = session.execute(sa.insert(self._family).values(**family))
            family_id = inserted.inserted_primary_key[0]
            session.execute(
                sa.update(self._code).where(own).values(family_id=family_id),
                execution_options=options,
            )
            if refresh_digest is not None:
                session.execute(
                    sa.insert(self._refresh).values(
                        digest=refresh_digest, family_id=family_id
                    )
                )
            session.execute(
                sa.insert(self._token).values(
                    client_pk=key, family_id=family_id, **access_token
                )
            )
            self._events.add(session, event)
        return True
