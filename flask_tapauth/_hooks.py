"""What the host told the extension to call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error

from .models import ClientMixin

ClaimsLoader = Callable[[ClientMixin, Any, tuple[str, ...]], Mapping[str, Any]]


@dataclass(slots=True)
class Hooks:
    """None where the host said nothing."""

    error_renderer: Callable[[OAuth2Error], Any] | None = None
    claims_loader: ClaimsLoader | None = None

    def claims(
        self, client: ClientMixin, user: Any, scopes: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """Return the host's own claims of an access token; empty where it has none."""
        load = self.claims_loader
        return {} if load is None else load(client, user, scopes)
