"""The headers of our HTML pages."""

from __future__ import annotations

from typing import TypeVar

from werkzeug.wrappers import Response

AnyResponse = TypeVar("AnyResponse", bound=Response)


def with_security_headers(response: AnyResponse) -> AnyResponse:
    """Keep an answer out of caches, frames and referrers (RFC 9700 §4.2.4, §4.16)."""
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
            ),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
    )
    return response
