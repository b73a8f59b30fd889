"""The consent form's one field: signed, and of use to one person for one request."""

from __future__ import annotations

import secrets
from typing import Final

from flask import current_app, session
from itsdangerous import BadData, URLSafeTimedSerializer

from .errors import ConfigError

MAX_AGE: Final = 600
"""Seconds for which a page that was shown can be answered."""

_SESSION_KEY: Final = "_tapauth_consent"


def seal(parameters: dict[str, str], user_id: str) -> str:
    """Return what the form carries, and what a forged form cannot have.

    :param parameters: the authorization request, as it is shown to the person.
    """
    serializer = _serializer()
    bond = session.setdefault(_SESSION_KEY, secrets.token_urlsafe(16))
    return serializer.dumps([bond, user_id, parameters])


def unseal(field: str, user_id: str) -> dict[str, str] | None:
    """Return the request that this person, in this session, was shown.

    :returns: None where the field is another's, was changed, or is too old.
    """
    try:
        bond, shown_to, parameters = _serializer().loads(field, max_age=MAX_AGE)
    except (BadData, ConfigError):
        return None
    if bond != session.get(_SESSION_KEY) or shown_to != user_id:
        return None
    sealed: dict[str, str] = parameters
    return sealed


def _serializer() -> URLSafeTimedSerializer:
    if current_app.secret_key is None:
        raise ConfigError("TapAuth: the consent page needs the app's SECRET_KEY")
    return URLSafeTimedSerializer(current_app.secret_key, salt="flask-tapauth-consent")
