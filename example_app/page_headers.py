"""Headers that limit what a page of the example may do in a browser."""

from __future__ import annotations

from flask import Flask, Response

_HEADERS = {
    # Swagger UI has its icons as data: URLs.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def add_page_headers(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    if response.mimetype == "text/html":
        for name, value in _HEADERS.items():
            # The consent page has a policy of its own.
            response.headers.setdefault(name, value)
    return response
