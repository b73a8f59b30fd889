"""Keep answers to requests with a token out of shared caches."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Request, Response, request

from .._app.request_state import find_request_state

_CDN_HEADERS: Final = ("surrogate-control", "edge-control", "x-accel-expires")
"""Headers that some CDNs and nginx obey instead of ``Cache-Control``."""

_TARGETED_SUFFIX: Final = "-cache-control"
"""The ending of header names for one kind of cache (RFC 9213 §2.1):
``CDN-Cache-Control``, ``Cloudflare-CDN-Cache-Control``, ``Akamai-Cache-Control``."""


_MARK: Final = "_tapauth_has_sent_headers"


def has_sent_headers(request: Request) -> bool:
    """Tell whether the headers of the answer are final; its stream may still run."""
    return hasattr(request, _MARK)


def protect_response(app: Flask, response: Response, **_: Any) -> None:
    """Tell caches that this answer is for one caller.

    It listens to Flask's ``request_finished``. An ``after_request`` function would run
    before those that the host registered earlier, which may set ``public``.
    """
    setattr(request, _MARK, True)
    request_state = find_request_state()
    if request_state is None:
        return
    if not (request_state.is_private or request_state.varies_by):
        return
    if request_state.is_private:
        control = response.cache_control
        control.public = False
        control.s_maxage = None
        control.private = True
        for name in set(response.headers.keys()):
            if name.lower().endswith((_TARGETED_SUFFIX, *_CDN_HEADERS)):
                del response.headers[name]
    elif response.cache_control.no_store:
        return  # caches do not store it, so `Vary` is not needed
    if request_state.varies_by and "*" not in response.vary:
        response.vary.update(sorted(request_state.varies_by))
