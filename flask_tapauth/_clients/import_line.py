"""Read a client from one line of JSON.

Members have the names that ``clients create --json`` prints, or those of RFC 7591.
"""

from __future__ import annotations

import time
from datetime import datetime

from ..errors import RegistrationError
from .json_members import (
    Members,
    flag,
    integer,
    jwk_set,
    read_date,
    string_list,
    text,
    words,
)
from .registration import Registration

MEMBERS = (
    "client_id",
    "client_name",
    "client_secret",
    "grant_types",
    "scope",
    "redirect_uris",
    "expires_in",
    "secret_expires_at",
    "resource_server",
    "resource",
    "skip_consent",
    "jwks",
    "jwks_uri",
    "allowed_networks",
    "keep_refresh_token",
    "public",
    "token_endpoint_auth_method",
    "created_at",
    "last_used_at",
    "state",
)
"""The members that a line may have, beside synonyms and the host's columns."""

_AUTH_METHODS = {
    "keys": ("private_key_jwt",),
    "public": ("none",),
    "secret": ("client_secret_basic", "client_secret_post"),
}
"""Methods of RFC 7591 §2 by what a client authenticates with."""


def read_line(line: bytes) -> tuple[Registration, dict[str, int]]:
    """Return the registration, and the columns that only an import may set."""
    members = Members(line)
    client_id = members.take("client_id", text)
    name = members.take("client_name", text) or client_id
    if name is None:
        raise RegistrationError("it has neither a client_name nor a client_id")
    arguments = {
        "name": name,
        "client_id": client_id,
        "client_secret": members.take("client_secret", text),
        "grant_types": members.take("grant_types", words, ("client_credentials",)),
        "scopes": members.take("scope", words, ()),
        "redirect_uris": members.take("redirect_uris", string_list, ()),
        "expires_in": members.take("expires_in", integer),
        "secret_expires_at": members.take_date(
            "secret_expires_at", "client_secret_expires_at"
        ),
        "resource_server": members.take("resource_server", flag, False),
        "resource": members.take("resource", text),
        "skip_consent": members.take("skip_consent", flag, False),
        "jwks": members.take("jwks", jwk_set),
        "jwks_uri": members.take("jwks_uri", text),
        "allowed_networks": members.take("allowed_networks", string_list, ()),
        "keep_refresh_token": members.take("keep_refresh_token", flag, False),
    }
    has_keys = arguments["jwks"] is not None or arguments["jwks_uri"] is not None
    arguments["public"] = _is_public(members, has_keys)
    # `clients list` prints them. The previous secret itself is not in the file.
    for name in ("previous_secret_expires_at", "previous_secret_used_at"):
        members.left.pop(name, None)
    kept_columns = {
        **_past("created_at", members.take_date("created_at", "client_id_issued_at")),
        **_disabled_at(members.take("state", text)),
        **_past("last_used_at", members.take("last_used_at", read_date)),
    }
    return Registration(**arguments, columns=members.left), kept_columns


def _is_public(members: Members, has_keys: bool) -> bool:
    method = members.take("token_endpoint_auth_method", text)
    public: bool = members.take("public", flag, method == "none")
    kind = "public" if public else "keys" if has_keys else "secret"
    if method is not None and method not in _AUTH_METHODS[kind]:
        fitting = " or ".join(_AUTH_METHODS[kind])
        raise RegistrationError(
            f"token_endpoint_auth_method is {method!r}, but the other members need "
            f"{fitting}"
        )
    return public


def _past(column: str, date: datetime | None) -> dict[str, int]:
    """Return the column with a time that has passed. A client that was last used in
    the future would never count as unused."""
    if date is None:
        return {}
    seconds = int(date.timestamp())
    if not 0 <= seconds <= time.time():
        raise RegistrationError(f"{column} is before 1970, or in the future")
    return {column: seconds}


def _disabled_at(state: str | None) -> dict[str, int]:
    if state not in (None, "active", "expired", "disabled"):
        raise RegistrationError("state is not active, expired or disabled")
    return {"disabled_at": int(time.time())} if state == "disabled" else {}
