"""List the newest tokens, access tokens and refresh tokens together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from .._store import Store
from ..models import ClientMixin

TokenState = Literal["active", "expired", "revoked", "used", "all"]
HANDLE_LENGTH: Final = 8
"""Characters of a handle: the first four bytes of a token's digest."""

_STATES: Final = {None: "active", "expired": "expired", "used": "used"}
"""The state for each fault. A token with any other fault counts as revoked."""


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
    access = () if state == "used" else store.tokens.list(client, user_id, state, limit)
    refresh = store.refresh_tokens.list(client, user_id, state, limit, grace)
    found = [
        _listed("access_token", digest, token, token.fault())
        for digest, token in access
    ]
    found += [
        _listed(
            "refresh_token",
            token.digest,
            token,
            "used" if token.is_spent(grace) else token.fault(),
        )
        for token in refresh
    ]
    # A stable sort: tokens of one second keep the order of the database.
    found.sort(key=lambda token: token.issued_at, reverse=True)
    return found[:limit]


def _listed(kind: str, digest: bytes, token: Any, fault: str | None) -> ListedToken:
    return ListedToken(
        handle=digest.hex()[:HANDLE_LENGTH],
        kind=kind,
        client_id=token.client_id,
        user_id=token.user_id,
        scopes=token.scopes,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        state=_STATES.get(fault, "revoked"),
    )
