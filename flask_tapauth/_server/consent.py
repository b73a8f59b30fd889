"""The signed field of the consent form, which counts for one person and one request."""

from __future__ import annotations

import secrets
from typing import Final

from flask import current_app, session
from itsdangerous import BadData, URLSafeTimedSerializer

from .._app.host_settings import former_secret_keys
from ..errors import ConfigError

MAX_AGE: Final = 600
"""Seconds for which a consent page can be answered."""

_SESSION_KEY: Final = "_tapauth_consent"


def seal(parameters: dict[str, str], redirect_uri: str, user_id: str) -> str:
    """Return the signed value of the field.

    :param parameters: the authorization request that the person sees.
    :param redirect_uri: where the page says that the person is sent next; the request
        itself may name no redirect URI (RFC 6749 §4.1.3).
    """
    serializer = _serializer()
    bond = session.setdefault(_SESSION_KEY, secrets.token_urlsafe(16))
    return serializer.dumps([bond, user_id, redirect_uri, parameters])


def unseal(field: str, user_id: str) -> tuple[dict[str, str], str] | None:
    """Return the request and the redirect URI that this person saw.

    :returns: None if the field is not this person's, was changed, or is too old.
    """
    try:
        bond, shown_to, redirect_uri, parameters = _serializer().loads(
            field, max_age=MAX_AGE
        )
    except (BadData, ConfigError, ValueError):
        return None  # ValueError: an older version stored other members
    if bond != session.get(_SESSION_KEY) or shown_to != user_id:
        return None
    return parameters, redirect_uri


def _serializer() -> URLSafeTimedSerializer:
    if current_app.secret_key is None:
        raise ConfigError(
            "TapAuth: the consent page needs a secret key; set SECRET_KEY"
        )
    # Earlier keys are accepted too, as Flask does for the session, so that a page that
    # is open when the key changes can still be answered. The last key signs.
    keys = [*former_secret_keys(), current_app.secret_key]
    return URLSafeTimedSerializer(keys, salt="flask-tapauth-consent")
