"""The resources that this app serves, and which of them a view belongs to (RFC 8707).

The settings alone decide that. With the ``Host`` header, a caller could choose the
resource of a view, and open it by a token for another one.
"""

from __future__ import annotations

import functools
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from flask import request

from .._base.config import Config
from .app_state import get_app_state
from .identity import is_in_audience, path_of, resource

_PORTS: Final = {"https": 443, "http": 80}


def requested_resource() -> str | None:
    """Return the resource that the view of this request belongs to.

    It is the one with the longest path that the URL begins with, or else the first.

    :returns: None if no setting names a resource of the app.
    """
    config = get_app_state().config
    if len(config.resources) < 2:
        return config.own_resource
    # Unwrapped once: each access through Flask's proxy costs as much as the rest.
    asked = cast("Any", request)._get_current_object()
    root = asked.script_root
    path = f"{root}{asked.path}/"
    for below, uri in _served(config.resources, config.issuer, root):
        if path.startswith(f"{below}/"):
            return uri
    return config.own_resource


def is_for_requested_resource(audience: tuple[str, ...]) -> bool:
    """Tell whether a token with this audience opens the view of this request."""
    if len(get_app_state().config.resources) > 1 and _has_dot_segment(request.path):
        # A view that resolves /mcp/../orders, as `send_from_directory` does, would
        # answer a token for /mcp with what belongs to another resource.
        return False
    return is_in_audience(audience, requested_resource())


def _has_dot_segment(path: str) -> bool:
    return "/." in path and not {".", ".."}.isdisjoint(path.split("/"))


def served_resources() -> list[str]:
    """Return the resources that this app serves, at least one."""
    config = get_app_state().config
    return resources_under(request.script_root, config) or [resource()]


def is_for_this_app(audience: tuple[str, ...]) -> bool:
    """Tell whether a token with this audience opens some views of this app."""
    served = resources_under("", get_app_state().config)
    if not served:
        return is_in_audience(audience)
    return any(is_in_audience(audience, uri) for uri in served)


def resources_under(mounted_at: str, config: Config) -> list[str]:
    """Return the resources that an app serves by its settings, if it is mounted there.

    :returns: nothing if no setting names a resource of the app.
    """
    named = config.resources or config.own_audience
    return [uri for _, uri in _served(named, config.issuer, mounted_at)]


@functools.lru_cache(maxsize=64)
def _served(
    resources: tuple[str, ...], issuer: str | None, mounted_at: str
) -> tuple[tuple[str, str], ...]:
    """Return path and URI of the resources that an app serves, the longest path first.

    They are the first of the settings, and those with its origin, or the issuer's, that
    are below the path that the app is mounted at.
    """
    origins = {_origin(uri) for uri in (*resources[:1], issuer) if uri} - {None}
    served = [
        (_decoded_path(uri), uri)
        for uri in resources
        # A path cannot tell resources apart that differ in their query.
        if uri == resources[0]
        or (
            _origin(uri) in origins
            and "?" not in uri
            and f"{_decoded_path(uri)}/".startswith(f"{mounted_at}/")
        )
    ]
    return tuple(sorted(served, key=lambda each: len(each[0]), reverse=True))


def _decoded_path(uri: str) -> str:
    """Return a URI's path as WSGI has it: decoded, and empty for the root."""
    path = unquote(path_of(uri)) if _origin(uri) else ""
    return f"/{path}" if path else ""


def _origin(uri: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None if it is no URL of a web server."""
    parts = urlsplit(uri)
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
