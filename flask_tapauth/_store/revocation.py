"""Revoke access tokens or families, and have all processes forget them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .events import Event, EventStore
from .retry import retry_once
from .sessions import host_session
from .token_cache import TokenCache


@dataclass(frozen=True, slots=True)
class Revoked:
    """What a revocation did."""

    count: int
    """How many access tokens or families were active."""
    is_published: bool
    """Whether other processes were told. Where Redis cannot be reached they were not,
    and the revocation is committed nevertheless."""


class Revocation:
    """Revokes the rows of the token model or the family model.

    :param model: one of the two.
    """

    def __init__(
        self, db: SQLAlchemy, model: Any, cache: TokenCache, events: EventStore
    ) -> None:
        self._db = db
        self._model = model
        self._cache = cache
        self._events = events

    @retry_once
    def revoke(
        self,
        now: int,
        conditions: list[sa.ColumnElement[bool]],
        event: Event | None,
        digest: bytes | None = None,
    ) -> Revoked:
        """Revoke the rows that are selected and not yet revoked.

        If there are none, nothing is published, and there is no event: anybody who has
        an old token could empty the caches of all processes again and again.

        :param digest: the digest of the one access token that the conditions select.
        """
        model, repeat_seconds = self._model, self._cache.repeat_seconds
        statement = (
            sa.update(model)
            .where(model.revoked_at.is_(None), *conditions)
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
        lately = sa.select(model.revoked_at).where(
            model.revoked_at > now - repeat_seconds, *conditions
        )
        with host_session(self._db, new_transaction=True) as session:
            count: int = session.execute(statement).rowcount
            if count:
                self._events.add(session, event)
            is_published = True
            if count or (repeat_seconds and session.scalar(lately.limit(1))):
                is_published = self._cache.commit(session, digest)
            else:
                session.commit()
        return Revoked(count, is_published)
