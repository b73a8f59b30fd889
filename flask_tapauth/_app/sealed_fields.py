"""Signed form fields, each valid for one person, in one session, for some time.

A page of another site can post a form, with the person's cookies. It has no such field.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from flask import current_app, session
from itsdangerous import BadData, URLSafeTimedSerializer

from ..errors import ConfigError
from .host_settings import former_secret_keys

_SESSION_KEY: Final = "_tapauth_bond"


def seal(purpose: str, user_id: str, *values: Any) -> str:
    """Return the value of a field.

    :param purpose: what the form is for; a field counts for no other purpose.
    :param values: what :func:`unseal` returns, as JSON can represent it.
    """
    serializer = _serializer(purpose)
    bond = session.setdefault(_SESSION_KEY, secrets.token_urlsafe(16))
    return serializer.dumps([bond, user_id, *values])


def unseal(purpose: str, field: str, user_id: str, max_age: int) -> list[Any] | None:
    """Return the values of a field.

    :param max_age: seconds for which the field counts.
    :returns: None if the field is not this person's, was changed, or is too old.
    """
    try:
        loaded: list[Any] = _serializer(purpose).loads(field, max_age=max_age)
        bond, shown_to, *values = loaded
    except (BadData, ConfigError, ValueError):
        return None
    if bond != session.get(_SESSION_KEY) or shown_to != user_id:
        return None
    return values


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    if current_app.secret_key is None:
        raise ConfigError(
            "TapAuth: the pages with forms need a secret key; set SECRET_KEY"
        )
    # Earlier keys are accepted too, as Flask does for the session, so that a page that
    # is open when the key changes can still be answered. The last key signs.
    keys = [*former_secret_keys(), current_app.secret_key]
    return URLSafeTimedSerializer(keys, salt=f"flask-tapauth-{purpose}")
