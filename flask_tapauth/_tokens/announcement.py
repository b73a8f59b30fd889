"""Say that tokens were revoked, and whether all processes know it."""

from __future__ import annotations

from .. import signals
from .._store.revocation import Revoked
from ..errors import TemporarilyUnavailableError
from ..models import ClientMixin


def announce_revoked(
    sender: object, client: ClientMixin | None, revoked: Revoked, reason: str
) -> None:
    """Send ``token_revoked`` if anything was revoked.

    :raises TemporarilyUnavailableError: it is revoked, and other processes could not be
        told. The signal is sent first: a call that is repeated finds nothing to revoke.
    """
    if revoked.count:
        signals.token_revoked.send(
            sender, client=client, count=revoked.count, reason=reason
        )
    if not revoked.is_published:
        raise TemporarilyUnavailableError
