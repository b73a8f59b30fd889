"""Revoke access tokens or families, and have all processes forget them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

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


def revoke(
    db: SQLAlchemy,
    cache: TokenCache,
    model: Any,
    now: int,
    conditions: list[sa.ColumnElement[bool]],
    digest: bytes | None = None,
) -> Revoked:
    """Revoke the rows of the token model or the family model that are not yet revoked.

    If none is, nothing is published: whoever has an old token could empty the caches of
    all processes again and again.

    :param digest: the digest of the one access token that the conditions select.
    """
    statement = (
        sa.update(model)
        .where(model.revoked_at.is_(None), *conditions)
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    lately = sa.select(model.revoked_at).where(
        model.revoked_at > now - cache.repeat_seconds, *conditions
    )
    with host_session(db, new_transaction=True) as session:
        count: int = session.execute(statement).rowcount
        is_published = True
        if count or (cache.repeat_seconds and session.scalar(lately.limit(1))):
            is_published = cache.commit(session, digest)
        else:
            session.commit()
    return Revoked(count, is_published)
