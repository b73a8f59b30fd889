"""What is known of one request."""

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
    """What is known of one request.

    It hangs on Flask's request object, of which there is one for each request and app;
    ``g`` is shared by requests under one app context, as tests make them.
    """

    token: AccessToken | None = None
    last_check: tuple[tuple[str, ...], float] = ((), 0.0)
    """Where the token was looked for, and when on the monotonic clock."""
    body_tokens: list[str] | None = None
    """The tokens of the body, which is looked at once."""
    refusal: HTTPException | None = None
    is_rendered: bool = False
    """Whether the refusal's body is the one that the host's `error_renderer` made."""
    is_private: bool = False
    """A token came in a place that caches do not know as a credential."""
    has_headers_out: bool = False
    """The answer's headers are finished; a stream may still be running."""
    varies_by: set[str] = field(default_factory=set)
    """The headers by which another caller may be answered otherwise."""
    asked: OAuth2Request | None = None
    """What an endpoint of ours was asked, for what Authlib does not pass on."""


_ATTRIBUTE = "_tapauth_request_state"


def find_request_state() -> RequestState | None:
    """Return what is known of this request; None where nothing is.

    Nothing is known to another app, under whose context a view may run something: that
    app's database never saw the token.
    """
    context = _context()
    if context.app is not _unwrap_proxy(current_app):
        return None
    request_state: RequestState | None = vars(context.request).get(_ATTRIBUTE)
    return request_state


def get_request_state() -> RequestState:
    """Return what is known of this request.

    :raises RuntimeError: the current app is not the one that was asked.
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
    # Each look through one of Flask's proxies takes as long as reading a header.
    return _unwrap_proxy(request_ctx)


def _unwrap_proxy(proxy: Any) -> Any:
    return proxy._get_current_object()
