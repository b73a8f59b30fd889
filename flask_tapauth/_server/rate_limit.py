"""Limit how often callers may try secrets, with the Flask-Limiter of the app."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from flask import Response
from werkzeug.exceptions import TooManyRequests

from .._app.app_state import get_app_state
from ..errors import TooManyRequestsError

Endpoint = Callable[[], Response]


def rate_limited(endpoint: Endpoint) -> Endpoint:
    """Refuse callers who send too many requests, before the endpoint reads anything.

    The endpoints of an app share one count per key of its limiter.
    """

    @functools.wraps(endpoint)
    def limited() -> Response:
        state = get_app_state()
        limit = state.config.rate_limit
        if limit is None:
            return endpoint()
        # There is no limiter if Flask-Limiter is switched off.
        for limiter in state.app.extensions.get("limiter", ()):
            try:
                with limiter.shared_limit(limit, scope="tapauth"):
                    pass
            except TooManyRequests:
                reset_at = getattr(limiter.current_limit, "reset_at", 0)
                error = TooManyRequestsError(max(1, int(reset_at - time.time()) + 1))
                response: Response = state.server.handle_error_response(None, error)
                return response
        return endpoint()

    return limited
