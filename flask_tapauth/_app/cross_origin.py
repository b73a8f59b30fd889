"""Let scripts of any origin call the endpoints that read no cookies.

A browser application gets its tokens from another origin than its own.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, request

from .routes import PUBLIC

_ALLOW_ORIGIN: Final = "Access-Control-Allow-Origin"
_PREFLIGHT: Final = {
    # The star does not stand for Authorization (Fetch standard, CORS protocol).
    "Access-Control-Allow-Headers": "*, Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Max-Age": "3600",
}


def allow_any_origin(sender: Flask, response: Response, **_: Any) -> None:
    """Handle ``request_finished``: after everything the host does to its answers, so
    that its own CORS settings count."""
    if request.endpoint not in PUBLIC or _ALLOW_ORIGIN in response.headers:
        return
    response.headers[_ALLOW_ORIGIN] = "*"
    if request.method == "OPTIONS":
        response.headers.update(_PREFLIGHT)
