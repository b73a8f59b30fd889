"""Tell operators why a token or a client was refused: log, signal and event.

The caller never reads the reason, and nobody reads a token or a secret here.
"""

from __future__ import annotations

import logging
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import request

from .. import signals
from .._base import secrets as _secrets
from .._base.ids import MAX_NAME
from .._base.shown import shown
from ..errors import UniformClientError
from .app_state import get_app_state

log = logging.getLogger("flask_tapauth")


def report_refused_client(error: UniformClientError) -> None:
    """Report that a client could not authenticate at an endpoint."""
    state = get_app_state()
    client_id = error.client_id
    if client_id and (_secrets.looks_generated(client_id) or len(client_id) > MAX_NAME):
        client_id = None  # a secret sent by mistake, or no client's
    signal = signals.client_authentication_failed
    events = state.store.events
    events.record(events.make(signal.name, client_id=client_id, reason=error.reason))
    _log("client", error.reason, client_id)
    signal.send(state.app, client_id=client_id, reason=error.reason)


def report_insecure_request() -> None:
    """Report that a request came to an endpoint of ours over plain HTTP."""
    _log("request", "insecure", None)


def report_refused_token(error: OAuth2Error) -> None:
    """Report that a protected view refused a request."""
    token: Any = getattr(error, "token", None)
    client_id = getattr(token or error, "client_id", None)
    # A token type of the host's own has its own errors.
    reason = getattr(error, "reason", error.error)
    _log("token", reason, client_id)
    signals.token_rejected.send(
        get_app_state().app,
        error=error.error,
        reason=reason,
        client_id=client_id,
        token=token,
    )


def _log(kind: str, reason: str, client_id: str | None) -> None:
    if not log.isEnabledFor(logging.INFO):
        return  # a flood of refusals is to cost as little as it can
    log.info(
        "Refused %s: %s; client %s; %s %s",
        kind,
        reason,
        "unknown" if client_id is None else shown(client_id),
        request.method,
        shown(request.path),
    )
