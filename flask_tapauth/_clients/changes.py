"""What a change writes to a client's record, and whether the record allows it."""

from __future__ import annotations

import time
from typing import Any

from ..errors import RegistrationError
from ..models import ClientMixin
from .consistency import DEPENDENT_COLUMNS, check_consistency, check_one_key_source


def fit_changes(values: dict[str, Any], record: ClientMixin) -> dict[str, Any]:
    """Return changes of a record, if they fit what it has.

    :raises RegistrationError: they do not.
    """
    if record.is_public and values.get("secret_expires_at") is not None:
        raise RegistrationError(
            "a public client has no secret that could expire", "secret_expires_at"
        )
    check_consistency(
        {n: values.get(n, getattr(record, n)) for n in DEPENDENT_COLUMNS},
        is_public=record.is_public,
    )
    if "jwks" in values or "jwks_uri" in values:
        return _replace_credentials(values, record)
    return values


def keep_previous_secret(record: ClientMixin, grace: int) -> dict[str, Any]:
    """Return the columns that keep a client's secret for a grace time.

    :raises RegistrationError: it has no secret.
    """
    if record.secret_hash is None:
        raise RegistrationError(
            "a public client or a client with keys has no secret to rotate"
        )
    grace_ends_at = int(time.time()) + grace
    if record.secret_expires_at is not None:
        grace_ends_at = min(grace_ends_at, record.secret_expires_at)
    return {
        "previous_secret_hash": record.secret_hash if grace else None,
        "previous_secret_expires_at": grace_ends_at if grace else None,
    }


def _replace_credentials(values: dict[str, Any], record: ClientMixin) -> dict[str, Any]:
    """Return changes with new keys in place of the client's old keys and secrets."""
    values = {"jwks": None, "jwks_uri": None, **values}
    check_one_key_source(values["jwks"], values["jwks_uri"])
    if values["jwks"] is None and values["jwks_uri"] is None:
        raise RegistrationError(
            "keys can be replaced, not removed; give other keys", "jwks"
        )
    if record.is_public:
        raise RegistrationError(
            "a public client cannot get keys; register a new client",
            "jwks_uri" if values["jwks"] is None else "jwks",
        )
    return {**values, "secret_hash": None, "previous_secret_hash": None}
