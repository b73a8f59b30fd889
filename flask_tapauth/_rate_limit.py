"""Slow down who tries secrets: by Flask-Limiter, where the app has it."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable

from flask import Response
from werkzeug.exceptions import TooManyRequests

from ._state import get_state
from .errors import TooManyRequestsError

log = logging.getLogger(__name__)

Endpoint = Callable[[], Response]


def rate_limited(endpoint: Endpoint) -> Endpoint:
    """Have an endpoint refuse who asks too often, before it looks at anything.

    All endpoints of an app count together, by the key that its limiter goes by.
    """

    @functools.wraps(endpoint)
    def limited() -> Response:
        state = get_state()
        limit = state.config.rate_limit
        if limit is None:
            return endpoint()
        limiters = state.app.extensions.get("limiter")
        if not limiters:
            log.error("TAPAUTH_RATE_LIMIT is set, and the app has no Flask-Limiter.")
            return endpoint()
        for limiter in limiters:
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
