"""Data about one request, kept until it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from flask import current_app
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from .._tokens.token import AccessToken


@dataclass(slots=True)
class RequestState:
    """Data about one request, kept on Flask's request object.

    Requests in one app context, as in tests, would share an object on ``g``.
    """

    token: AccessToken | None = None
    last_check: tuple[tuple[str, ...], float] = ((), 0.0)
    """The locations and the monotonic time of the last look-up of the token."""
    body_tokens: list[str] | None = None
    """The tokens in the body, which is read once."""
    refusal: HTTPException | None = None
    is_rendered: bool = False
    """Whether the host's `error_renderer` made the body of the refusal."""
    is_private: bool = False
    """Whether a token came in a place where caches do not expect credentials."""
    varies_by: set[str] = field(default_factory=set)
    """The request headers that the answer depends on."""
    asked: OAuth2Request | None = None
    """The request to an OAuth endpoint; Authlib does not pass it to all functions."""


_ATTRIBUTE = "_tapauth_request_state"


def find_request_state() -> RequestState | None:
    """Return the state of this request, or None.

    A view may enter the context of another app. That app does not get the state: the
    token was not checked against its database.
    """
    context = _context()
    if context.app is not _unwrap_proxy(current_app):
        return None
    request_state: RequestState | None = vars(context.request).get(_ATTRIBUTE)
    return request_state


def get_request_state() -> RequestState:
    """Return the state of this request; a new one if it has none.

    :raises RuntimeError: the current app is not the app that the request was sent to.
    """
    request_state = find_request_state()
    if request_state is None:
        context = _context()
        if context.app is not _unwrap_proxy(current_app):
            raise RuntimeError(
                f"this request was sent to the app {context.app.name!r}, and its "
                f"token cannot be checked by {current_app.name!r}: leave the with "
                "block of that app's app_context() first"
            )
        request_state = vars(context.request)[_ATTRIBUTE] = RequestState()
    return request_state


def _context() -> Any:
    # Unwrapped once: each access through Flask's proxy costs as much as a header.
    return _unwrap_proxy(request_ctx)


def _unwrap_proxy(proxy: Any) -> Any:
    return proxy._get_current_object()
