"""What a registration, or a new secret, gives its caller."""

from __future__ import annotations

from typing import NamedTuple

from ..models import ClientMixin


class RegisteredClient(NamedTuple):
    """A client and its new secret, which can be read here and never again."""

    client_id: str
    client_secret: str | None
    client: ClientMixin

    def __repr__(self) -> str:
        return f"<RegisteredClient {self.client_id!r}>"
