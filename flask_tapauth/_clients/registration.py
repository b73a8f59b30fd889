"""The unchecked arguments for a new client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The arguments of :meth:`Clients.create`, which describes them.

    :param columns: values of columns that the host's model adds.
    """

    name: str
    client_id: str | None = None
    client_secret: str | None = None
    public: bool = False
    grant_types: Iterable[str] = ("client_credentials",)
    scopes: str | Iterable[str] = ()
    redirect_uris: Iterable[str] = ()
    expires_in: int | timedelta | None = None
    secret_expires_at: datetime | None = None
    resource_server: bool = False
    resource: str | None = None
    skip_consent: bool = False
    jwks: Mapping[str, Any] | str | bytes | None = None
    jwks_uri: str | None = None
    allowed_networks: Iterable[str] = ()
    keep_refresh_token: bool = False
    columns: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Registration {self.name!r}>"  # without the secret
