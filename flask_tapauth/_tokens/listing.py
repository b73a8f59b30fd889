"""List the newest tokens, access tokens and refresh tokens together."""

from __future__ import annotations

import heapq
import time
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from .._base.moments import has_passed
from .._store import Store
from ..models import ClientMixin


class ListedToken(NamedTuple):
    """An access token or a refresh token, without the token itself."""

    kind: str
    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    state: str


def list_tokens(
    store: Store,
    client: ClientMixin | None,
    user_id: str | None,
    state: str,
    limit: int,
    grace: int,
) -> tuple[list[ListedToken], bool]:
    """Return the newest tokens of a state, and whether there are more.

    :param state: ``active``, ``expired``, ``revoked``, ``used`` or ``all``.
    :param grace: the value of ``TAPAUTH_REFRESH_GRACE``.
    """
    now = time.time()
    access = (
        ListedToken(
            "access_token",
            token.client_id,
            token.user_id,
            token.scopes,
            token.issued_at,
            token.expires_at,
            _state(token.is_withdrawn(), token.expires_at, now),
        )
        for token in store.tokens.iterate(client, user_id)
    )
    refresh = (
        ListedToken(
            "refresh_token",
            token.client_id,
            token.user_id,
            token.scopes,
            token.issued_at,
            token.expires_at,
            "used"
            if token.is_spent(grace)
            else _state(token.is_withdrawn(), token.expires_at, now),
        )
        for token in store.refresh_tokens.iterate(client, user_id)
    )
    with closing(access), closing(refresh):
        newest = heapq.merge(
            access, refresh, key=lambda token: token.issued_at, reverse=True
        )
        selected = (token for token in newest if state in ("all", token.state))
        found = list(islice(selected, limit + 1))
    return found[:limit], len(found) > limit


def _state(is_withdrawn: bool, expires_at: int, now: float) -> str:
    if has_passed(expires_at, now):
        return "expired"
    return "revoked" if is_withdrawn else "active"
