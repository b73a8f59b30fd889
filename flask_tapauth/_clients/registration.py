"""The unchecked arguments for a new client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The arguments of ``TapAuth.register_client``, which describes them."""

    name: str
    client_id: str | None
    client_secret: str | None
    public: bool
    grant_types: Iterable[str]
    scopes: str | Iterable[str]
    redirect_uris: Iterable[str]
    expires_in: int | None
    secret_expires_at: datetime | None
    resource_server: bool
    resource: str | None
    skip_consent: bool
    jwks: Mapping[str, Any] | str | bytes | None
    jwks_uri: str | None
    columns: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Registration {self.name!r}>"  # without the secret
