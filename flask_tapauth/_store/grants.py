"""End all that was granted: codes, families and access tokens together."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from ..models import ClientMixin
from .client_rows import belongs_to
from .events import Event, EventStore
from .models import Models
from .retry import retry_once
from .revocation import Revoked
from .sessions import host_session
from .token_cache import TokenCache


class GrantStore:
    def __init__(
        self, db: SQLAlchemy, models: Models, cache: TokenCache, events: EventStore
    ) -> None:
        self._db = db
        self._cache = cache
        self._events = events
        self._code: Any = models.code
        self._family: Any = models.family
        self._token: Any = models.token

    @retry_once
    def end(
        self,
        now: int,
        client: ClientMixin | None,
        user_id: str | None,
        revoked: Event | None,
        completed: Event | None,
    ) -> Revoked:
        """End the grants of a client, of a user, or of both; without either, all.

        All of it is one transaction: if it fails, nothing is ended and no event is
        stored.

        :param revoked: the event that is stored if tokens were active.
        :param completed: the event that is stored in any case.
        """
        options = {"synchronize_session": False}
        code, family, token = self._code, self._family, self._token
        ends_codes = sa.delete(code).where(*belongs_to(code, client, user_id))
        # A token of a family is revoked with its family.
        alone = token.family_id.is_(None)
        count = 0
        with host_session(self._db, new_transaction=True) as session:
            # Codes first: a client could exchange one for tokens in between.
            session.execute(ends_codes, execution_options=options)
            for model, *conditions in ((family,), (token, alone)):
                statement = sa.update(model).where(
                    model.revoked_at.is_(None),
                    model.expires_at > now,
                    *belongs_to(model, client, user_id),
                    *conditions,
                )
                # It changes each row that it matches.
                count += session.execute(
                    statement.values(revoked_at=now), execution_options=options
                ).rowcount
            self._events.add(session, revoked if count else None, completed)
            is_published = True
            if count or self._was_just_revoked(session, now, client, user_id):
                is_published = self._cache.commit(session)
            else:
                session.commit()
        return Revoked(count, is_published)

    def _was_just_revoked(
        self, session: Any, now: int, client: ClientMixin | None, user_id: str | None
    ) -> bool:
        """Tell whether the message of an earlier call may have been lost."""
        since = now - self._cache.repeat_seconds
        if since == now:
            return False
        return any(
            session.scalar(
                sa.select(model.revoked_at)
                .where(model.revoked_at > since, *belongs_to(model, client, user_id))
                .limit(1)
            )
            for model in (self._family, self._token)
        )
