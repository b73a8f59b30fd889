"""The signed field of the consent form, which counts for one person and one request."""

from __future__ import annotations

from typing import Final

from .._app import sealed_fields

MAX_AGE: Final = 600
"""Seconds for which a consent page can be answered."""

_PURPOSE: Final = "consent"


def seal(parameters: dict[str, str], redirect_uri: str, user_id: str) -> str:
    """Return the signed value of the field.

    :param parameters: the authorization request that the person sees.
    :param redirect_uri: where the page says that the person is sent next; the request
        itself may name no redirect URI (RFC 6749 §4.1.3).
    """
    return sealed_fields.seal(_PURPOSE, user_id, redirect_uri, parameters)


def unseal(field: str, user_id: str) -> tuple[dict[str, str], str] | None:
    """Return the request and the redirect URI that this person saw.

    :returns: None if the field is not this person's, was changed, or is too old.
    """
    values = sealed_fields.unseal(_PURPOSE, field, user_id, MAX_AGE)
    if values is None or len(values) != 2:  # an older version stored other members
        return None
    redirect_uri, parameters = values
    return parameters, redirect_uri
