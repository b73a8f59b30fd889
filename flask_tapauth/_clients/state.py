"""The state and the kind of a client, in a word."""

from __future__ import annotations

from typing import Literal

from ..models import ClientMixin

ClientState = Literal["active", "disabled", "expired"]
ClientKind = Literal["registered", "document"]


def state_of(client: ClientMixin) -> ClientState:
    """Return the client's state; one that is disabled and expired is ``disabled``."""
    if client.is_disabled:
        return "disabled"
    return "expired" if client.is_expired() else "active"
