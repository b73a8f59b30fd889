"""Register the example's own applications."""

from __future__ import annotations

from typing import Any

from flask_tapauth import RegistrationError

from .models import tapauth


def register(
    client_id: str, name: str, *, redirect_uris: list[str], **described: Any
) -> None:
    """Register a public client, or add the redirect URIs to the one that exists."""
    try:
        tapauth.clients.create(
            name,
            client_id=client_id,
            public=True,
            redirect_uris=redirect_uris,
            **described,
        )
    except RegistrationError:
        known = tapauth.clients.get(client_id).redirect_uris
        if not set(redirect_uris) <= set(known):
            both = dict.fromkeys([*known, *redirect_uris])
            tapauth.clients.update(client_id, redirect_uris=both)
