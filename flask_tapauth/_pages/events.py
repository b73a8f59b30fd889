"""Operators' page: who did what."""

from __future__ import annotations

from typing import Final

from flask import request, url_for
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from ..errors import RegistrationError
from .access import Visitor, for_operators
from .rendering import show

_LIMITS: Final = (50, 500)
"""How many events are shown at first, and after "more"."""


@for_operators
def list_events(visitor: Visitor) -> Response:
    """The newest events that TAPAUTH_AUDIT keeps."""
    client_id = request.args.get("client_id", "").strip()
    action = request.args.get("action", "")
    limit = _LIMITS[1 if "more" in request.args else 0]
    if "\0" in client_id + action:
        client_id = action = ""  # databases cannot compare it
    fault = None
    try:
        found = get_app_state().events.list(
            client=client_id or None, action=action or None, limit=limit + 1
        )
    except RegistrationError as error:
        found, fault = (), error.reason  # no events are kept
    more = None
    if len(found) > limit and limit < _LIMITS[-1]:
        more = url_for(".list_events", client_id=client_id, action=action, more=1)
    return show(
        visitor,
        "events",
        events=found[:limit],
        fault=fault,
        client_id=client_id,
        action=action,
        more=more,
        is_cut=len(found) > limit,
    )
