"""Say whether a token is accepted, and why not (``tapauth.tokens.explain``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .._base.scopes import join_scopes
from .._store.refresh_tokens import StoredRefreshToken
from .reader import TokenReader


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether this app accepts a token, and what it is.

    :param active: whether it is accepted.
    :param reason: why not, in the words of the log; None if it is accepted.
    :param kind: ``access_token``, ``refresh_token``, or None if it is not known.
    :param expires_at: seconds since the epoch.
    """

    active: bool
    reason: str | None
    kind: Literal["access_token", "refresh_token"] | None = None
    client_id: str | None = None
    user_id: str | None = None
    scope: str | None = None
    expires_at: int | None = None


def explain(
    token: str,
    reader: TokenReader,
    is_in_audience: Callable[[tuple[str, ...]], bool],
    grace: int,
) -> Explanation:
    """Explain a token.

    :param is_in_audience: tells whether a token of this audience is for this app.
    :param grace: how many seconds after its use a refresh token may be used again.
    """
    found = reader.judge(token)
    if found is None:
        return Explanation(active=False, reason=reader.why_unknown(token))
    reason = found.fault()
    kind: Literal["access_token", "refresh_token"] = "access_token"
    if isinstance(found, StoredRefreshToken):
        kind = "refresh_token"
        if found.is_spent(grace):
            reason = "used"
    elif reason is None and not is_in_audience(found.audience):
        reason = "audience"
    return Explanation(
        active=reason is None,
        reason=reason,
        kind=kind,
        client_id=found.client_id,
        user_id=found.user_id,
        scope=join_scopes(found.scopes),
        expires_at=found.expires_at,
    )
