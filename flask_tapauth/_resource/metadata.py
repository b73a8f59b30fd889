"""The metadata documents of the resources that this app serves (RFC 9728)."""

from __future__ import annotations

import functools
from typing import Any, Final
from urllib.parse import unquote

from flask import abort

from .._app.app_state import get_app_state
from .._app.identity import is_path_of, issuer, mount, path_of, resource, url_on_host_of
from .._app.resources import requested_resource, resources_under, served_resources
from .._app.routes import Route
from .._base.config import Config

_PATH: Final = "/.well-known/oauth-protected-resource"

_BEARER_METHODS = {"bearer": "header", "body": "body", "query": "query"}


def routes() -> list[Route]:
    return [
        ("GET", _PATH, describe_resource),
        ("GET", f"{_PATH}/<path:path>", describe_resource),
    ]


def addresses(config: Config) -> list[str]:
    """Return the paths of the documents that the settings name (RFC 9728 §3.1)."""
    return [f"{_PATH}/{unquote(path_of(uri))}" for uri in resources_under("", config)]


def describe_resource(path: str = "") -> dict[str, Any]:
    """The metadata document of a resource (RFC 9728 §2)."""
    config = get_app_state().config
    # The path of the resource follows the well-known path (RFC 9728 §3.1). Without one,
    # some clients look for the document of the whole app.
    named = [uri for uri in served_resources() if is_path_of(path, uri)]
    if path and not named:
        abort(404)
    described: dict[str, Any] = {
        "resource": named[0] if named else resource(),
        "authorization_servers": [issuer()],
        "bearer_methods_supported": [
            _BEARER_METHODS[place]
            for place in config.token_locations
            if place in _BEARER_METHODS
        ],
    }
    if config.scopes is not None:
        described["scopes_supported"] = list(config.scopes)
    return described


def protected_resource_url() -> str:
    """Return the URL of the document of the requested resource (RFC 9728 §3.1)."""
    return _resource_url(issuer(), requested_resource() or resource(), mount())


@functools.lru_cache(maxsize=64)
def _resource_url(issuer: str, resource: str, mounted_at: str) -> str:
    below, mounted = path_of(resource), mounted_at.strip("/")
    if f"{below}/".startswith(f"{mounted}/"):
        below = below[len(mounted) :].strip("/")
    path = f"{mounted_at}{_PATH}{below and '/'}{below}"
    is_web = resource.startswith(("https://", "http://"))
    return url_on_host_of(resource if is_web else issuer, path)
