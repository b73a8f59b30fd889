"""List the newest tokens, access tokens and refresh tokens together."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, Final, Literal, NamedTuple

from .._store import Store
from ..models import ClientMixin

TokenState = Literal["active", "expired", "revoked", "used", "all"]
HANDLE_LENGTH: Final = 8
"""Characters of a handle: the first four bytes of a token's digest."""


class ListedToken(NamedTuple):
    """An access token or a refresh token, without the token itself.

    :param handle: names the token for ``tokens.revoke``, and opens nothing.
    :param state: ``active``, ``expired``, ``revoked`` or ``used``. A token whose client
        is disabled or expired counts as revoked.
    """

    handle: str
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
    state: TokenState,
    limit: int,
    grace: int,
) -> Sequence[ListedToken]:
    """Return the newest tokens of a state.

    :param state: ``active``, ``expired``, ``revoked``, ``used`` or ``all``.
    :param grace: the value of ``TAPAUTH_REFRESH_GRACE``.
    """
    access = _access_tokens(store, client, user_id)
    refresh = _refresh_tokens(store, client, user_id, grace)
    with closing(access), closing(refresh):
        newest = heapq.merge(
            access, refresh, key=lambda token: token.issued_at, reverse=True
        )
        selected = (token for token in newest if state in ("all", token.state))
        return list(islice(selected, limit))


def _access_tokens(
    store: Store, client: ClientMixin | None, user_id: str | None
) -> Generator[ListedToken]:
    with closing(store.tokens.iterate(client, user_id)) as rows:
        for digest, token in rows:
            fault = "expired" if token.is_expired() else token.withdrawn()
            yield _listed("access_token", digest, token, _state(fault))


def _refresh_tokens(
    store: Store, client: ClientMixin | None, user_id: str | None, grace: int
) -> Generator[ListedToken]:
    with closing(store.refresh_tokens.iterate(client, user_id)) as rows:
        for token in rows:
            state = "used" if token.is_spent(grace) else _state(token.fault())
            yield _listed("refresh_token", token.digest, token, state)


def _listed(kind: str, digest: bytes, token: Any, state: str) -> ListedToken:
    return ListedToken(
        handle=digest.hex()[:HANDLE_LENGTH],
        kind=kind,
        client_id=token.client_id,
        user_id=token.user_id,
        scopes=token.scopes,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        state=state,
    )


def _state(fault: str | None) -> str:
    if fault is None:
        return "active"
    return fault if fault == "expired" else "revoked"
