"""Remember what a person granted with an authorization code.

The host's code grant stores its codes itself. With what is stored here, the tokens of
a code never exceed what the person granted.
"""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from flask import Response

from .._app.app_state import get_app_state
from .._base import secrets as _secrets
from .._base.scopes import parse_scopes
from .gate import allowed_audience
from .requests import AuthorizationRequest

_MAX_AGE: Final = 600
"""Seconds for which a code is remembered. No code is valid for longer (RFC 6749
§4.1.2)."""


def remember_code(
    request: AuthorizationRequest, response: Response, person: Any
) -> None:
    """Store what the person granted, if the response has a code for the client."""
    code = _code_in(response.location or "")
    if code is None or _secrets.is_generated("authorization_code", code):
        return  # our own grant has stored it
    state = get_app_state()
    state.store.codes.insert(
        _secrets.digest(code),
        request.client,
        state.people.id_of(person),
        parse_scopes(request.scope),
        allowed_audience(request),
        int(time.time()) + _MAX_AGE,
    )


def _code_in(location: str) -> str | None:
    """Return the authorization code in a redirect (RFC 6749 §4.1.2)."""
    parts = urlsplit(location)
    given = {**parse_qs(parts.query), **parse_qs(parts.fragment)}
    # The last one: the redirect URI itself may have a parameter named "code".
    return given["code"][-1] if "code" in given and "error" not in given else None
