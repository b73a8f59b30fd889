"""Check the changes of a client, and whether they fit its record."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .._base.moments import to_seconds
from ..errors import RegistrationError
from ..models import ClientMixin
from .argument_checks import ArgumentChecks
from .consistency import (
    DEPENDENT_COLUMNS,
    check_consistency,
    check_not_expired,
    check_one_key_source,
)
from .registration import Registration

_DEFAULTS = {
    field.name: field.default
    for field in dataclasses.fields(Registration)
    if field.default is not dataclasses.MISSING
}
_FIXED = ("client_id", "client_secret", "public")
"""Arguments of a registration that cannot be changed afterwards."""

_OF_DOCUMENT = (
    "client_name",
    "grant_types",
    "redirect_uris",
    "scopes",
    "jwks",
    "jwks_uri",
)
"""Columns that the next consent to a client that is a URL writes again."""


def check_changes(checks: ArgumentChecks, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that change, with their new values.

    :param changes: arguments of a registration, or columns of the host's.
    :raises RegistrationError: a value is wrong, or there is nothing to change.
    """
    for argument in changes:
        if argument in _FIXED:
            raise RegistrationError(
                "this cannot be changed; register a new client, or give the client "
                "another secret by rotate_secret",
                argument,
            )
    if not changes:
        raise RegistrationError("there is nothing to change; name what to change")
    values = checks.check(
        {
            argument: _DEFAULTS.get(argument) if value is None else value
            for argument, value in changes.items()
        }
    )
    check_not_expired(values.get("secret_expires_at"))
    if values.get("is_resource_server") is False:
        # Only resource servers have a resource; naming one is still an error.
        values.setdefault("resource_uri", None)
    return values


def fit_changes(values: dict[str, Any], record: ClientMixin) -> dict[str, Any]:
    """Return changes of a record, if they fit what it has.

    :raises RegistrationError: they do not.
    """
    if record.document_host is not None and record.secret_hash is None:
        for column in _OF_DOCUMENT:
            if column in values:
                raise RegistrationError(
                    "it comes from the client's document and TAPAUTH_SCOPES, so the "
                    "next consent would undo this; change it there, or disable the "
                    "client",
                    {"client_name": "name"}.get(column, column),
                )
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


def check_new_secret(
    checks: ArgumentChecks, grace: int | timedelta, secret_expires_at: datetime | None
) -> tuple[int, dict[str, Any]]:
    """Return the grace time in seconds, and the column with the new secret's date.

    :raises RegistrationError: an argument is wrong.
    """
    try:
        seconds = to_seconds(grace)
    except ValueError as error:
        raise RegistrationError(str(error), "grace") from None
    values = checks.check({"secret_expires_at": secret_expires_at})
    check_not_expired(values["secret_expires_at"])
    return seconds, values


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
        "previous_secret_used_at": None,
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
