"""Find the access tokens in a request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from flask import Request

from .._app.body import body_members
from .._app.request_state import get_request_state

_PARAMETER = "access_token"


def authorization(request: Request) -> tuple[str, str]:
    """Return scheme, in lower case, and credentials of the ``Authorization`` header."""
    header: str = request.environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, credentials = header.partition(" ")
    return scheme.lower(), credentials.strip()


def _in_bearer(request: Request) -> list[str]:
    # Servers join repeated headers by commas; no token has a comma.
    scheme, tokens = authorization(request)
    return tokens.split(",") if scheme == "bearer" else []


def _in_header(request: Request) -> list[str]:
    # WSGI has one name for `access_token` and `Access-Token`, and joins both.
    header = request.environ.get("HTTP_ACCESS_TOKEN")
    if not header:
        return []
    return [part.strip() for part in header.split(",") if part.strip()]


def _in_body(request: Request) -> list[str]:
    if not request.environ.get("CONTENT_LENGTH"):
        return []  # most requests; the checks below take longer
    if request.method in ("GET", "HEAD"):
        # Caches ignore the body of these: they would serve the answer to everybody.
        return []
    request_state = get_request_state()
    if request_state.body_tokens is None:
        request_state.body_tokens = _read_body(request)
    return request_state.body_tokens


def _read_body(request: Request) -> list[str]:
    try:
        members = body_members(request) or ()
    except ValueError:
        return []  # the view decides what to do with a malformed body
    return [str(token) for name, token in members if name == _PARAMETER and token]


def _in_query(request: Request) -> list[str]:
    if not request.query_string:
        return []
    return [token for token in request.args.getlist(_PARAMETER) if token]


_TOKEN_READERS: Final[dict[str, Callable[[Request], list[str]]]] = {
    "bearer": _in_bearer,
    "header": _in_header,
    "query": _in_query,
    # Last: reading a body takes the longest.
    "body": _in_body,
}
"""The function that reads the tokens of each ``TAPAUTH_TOKEN_LOCATIONS`` value."""

_VARY: Final[dict[str, tuple[str, ...]]] = {
    "bearer": ("Authorization",),
    # Two headers to a cache, though one to WSGI.
    "header": ("Access-Token", "access_token"),
}


def tokens_by_location(
    request: Request, locations: Collection[str]
) -> dict[str, list[str]]:
    """Return the tokens of a request by location; it stops at two."""
    found: dict[str, list[str]] = {}
    for location, find in _TOKEN_READERS.items():
        if location in locations and sum(map(len, found.values())) < 2:
            tokens = find(request)
            if tokens:
                found[location] = tokens
    return found


def vary_headers(locations: Iterable[str]) -> set[str]:
    """Return the headers among these locations, as ``Vary`` names them."""
    return {name for location in locations for name in _VARY.get(location, ())}
