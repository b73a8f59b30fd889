"""Send a style sheet: a host's Content-Security-Policy may forbid styles in a page."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from flask import Response, request

_MAX_AGE: Final = 3600
"""Seconds for which a browser caches a style sheet."""


def send_style_sheet(path: Path) -> Response:
    response = Response(_read(path), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = _MAX_AGE
    response.add_etag()
    # The ETag is enough. werkzeug fails at a date with a year of twenty digits.
    environ = {**request.environ}
    environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    response.make_conditional(environ)
    return response


@functools.cache
def _read(path: Path) -> bytes:
    return path.read_bytes()
