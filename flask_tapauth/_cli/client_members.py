"""A client as the commands print it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from .._app.app_state import get_app_state
from .._base.moments import has_passed
from .._clients.state import state_of
from .._store.json_values import to_json
from ..models import ClientMixin
from .output import iso8601


def describe(client: ClientMixin) -> dict[str, Any]:
    """Return a client's members, by their names in RFC 7591 §2 if they have one."""
    keys = {} if client.jwks is None else {"jwks": json.loads(client.jwks)}
    previous = client.previous_secret_expires_at
    if has_passed(previous):
        previous = None
    ours = {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "public": client.is_public,
        "token_endpoint_auth_method": _auth_method(client),
        **keys,
        "jwks_uri": client.jwks_uri,
        "grant_types": list(client.grant_types),
        "scope": " ".join(client.scopes),
        "redirect_uris": list(client.redirect_uris),
        "expires_in": client.access_token_expires_in,
        "secret_expires_at": iso8601(client.secret_expires_at),
        "previous_secret_expires_at": iso8601(previous),
        "previous_secret_used_at": iso8601(client.previous_secret_used_at),
        "resource_server": client.is_resource_server,
        "resource": client.resource_uri,
        "skip_consent": client.skip_consent,
        "allowed_networks": list(client.allowed_networks),
        "keep_refresh_token": client.keeps_refresh_token,
        "state": summarise(client)["state"],
        "created_at": iso8601(client.created_at),
        "last_used_at": iso8601(client.last_used_at),
    }
    kind = {"kind": "document" if client.document_host else "registered"}
    # Ours twice: first in order, and not replaced by a host's column of the same name.
    return {**ours, **kind, **_host_columns(client), **ours}


def summarise(client: ClientMixin) -> dict[str, str]:
    return {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "state": state_of(client),
    }


def _host_columns(client: ClientMixin) -> dict[str, Any]:
    """Return the values of the host's own columns that JSON can represent."""
    values: dict[str, Any] = {}
    columns = get_app_state().store.client_columns
    for name, stored in columns.values_of(client).items():
        value = to_json(stored)
        with suppress(TypeError, ValueError):
            json.dumps(value)
            values[name] = value
    return values


def _auth_method(client: ClientMixin) -> str:
    if client.is_public:
        return "none"
    return "private_key_jwt" if client.has_keys else "client_secret_basic"
