"""The identifiers and URLs of this app, as an issuer and as a protected resource."""

from __future__ import annotations

import functools
import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from flask import current_app, has_request_context, request
from werkzeug.exceptions import BadRequest

from ..errors import InvalidTargetError
from .app_state import get_app_state
from .routes import PATHS

_HOST: Final = re.compile(r"([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")


def issuer() -> str:
    """Return the app's issuer identifier (RFC 8414 §2)."""
    return get_app_state().config.issuer or _root_url()


def _root_url() -> str:
    # Werkzeug's `root_url` is for display: it is not percent-encoded.
    return _root_at(request.scheme, request.host, request.script_root)


@functools.lru_cache(maxsize=64)
def _root_at(scheme: str, host: str, script_root: str) -> str:
    if not _HOST.fullmatch(host):
        raise BadRequest("The Host header names no host.")
    return f"{scheme}://{host}{_mount_at(script_root)}"


def mount() -> str:
    """Return the path that the app is mounted at, encoded; empty for the root.

    Only a request knows it. Outside of one, it is what Flask builds URLs with.
    """
    if has_request_context():
        return _mount_at(request.script_root)
    return _mount_at(current_app.config["APPLICATION_ROOT"])


@functools.lru_cache(maxsize=64)
def _mount_at(script_root: str) -> str:
    path = _quote(script_root).strip("/")
    return f"/{path}" if path else ""


def _quote(path: str) -> str:
    return quote(path, safe="/!$&'()*+,;=:@~")


def resource() -> str:
    """Return the first resource of the app (RFC 9728 §1.2), which tokens are for unless
    another one is requested."""
    return get_app_state().config.own_resource or _root_url()


def is_path_of(path: str, identifier: str) -> bool:
    """Tell whether a well-known address that ends in `path` belongs to an identifier.

    :param path: the decoded path of the identifier, with or without the path that the
        app is mounted at.
    """
    whole, root = path_of(identifier), mount().strip("/")
    below = whole[len(root) :] if f"{whole}/".startswith(f"{root}/") else whole
    return path.strip("/") in {unquote(whole), unquote(below).strip("/")}


def path_of(identifier: str) -> str:
    """Return the path of an identifier, with which its well-known addresses end."""
    return urlsplit(identifier).path.strip("/")


def endpoint_url(view: str) -> str:
    """Return the URL of an endpoint, by the name of its view function."""
    return url_on_host_of(issuer(), endpoint_path(view))


def endpoint_path(view: str) -> str:
    """Return the path of an endpoint, from the root of the host."""
    # Flask's `url_for` would add the values of the host's `url_defaults`.
    return f"{mount()}{_quote(get_app_state().config.url_prefix)}{PATHS[view]}"


def url_on_host_of(identifier: str, path: str) -> str:
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/{path.lstrip('/')}"


def own_audience() -> tuple[str, ...]:
    """Return the audience of tokens requested without a resource: this app."""
    return get_app_state().config.own_audience


def audience_for(asked: str | None, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the audience of a token (RFC 8707 §2).

    :param asked: the request's ``resource`` parameters, joined by spaces.
    :param granted: the audience of an earlier grant, which the token must not exceed;
        None if there was none.
    :raises InvalidTargetError: no token is issued for a resource of the request.
    """
    own = resource()
    offered = get_app_state().config.resources or (own,)
    if granted is None:
        allowed, wanted = offered, [own]
    else:
        allowed = tuple(uri for uri in granted or (own,) if uri in offered)
        wanted = list(allowed)
    if asked is not None:
        wanted = asked.split()
    by_name = {_normalise(uri): uri for uri in allowed}
    try:
        audience = tuple(dict.fromkeys(by_name[_normalise(uri)] for uri in wanted))
    except (KeyError, ValueError):
        raise InvalidTargetError from None
    if not audience:
        raise InvalidTargetError  # stored, it would mean "this app"
    return own_audience() if audience == (own,) else audience


def is_in_audience(audience: tuple[str, ...], identifier: str | None = None) -> bool:
    """Tell whether a token with this audience is for a resource.

    :param audience: empty if the app had no identifier when the token was issued.
    :param identifier: the resource; None for this app.
    """
    if identifier in audience:
        return True  # spares the guards the comparisons below
    own = get_app_state().config.own_resource
    if identifier is None or (own and _normalise(identifier) == _normalise(own)):
        return not audience or own in audience
    return _normalise(identifier) in map(_normalise, audience)


def _normalise(uri: str) -> str:
    # Scheme and host have no case, and an empty path is the same as "/" (RFC 3986
    # §6.2.2.1, §6.2.3).
    parts = urlsplit(uri)
    parts = parts._replace(netloc=parts.netloc.lower())  # the scheme is lower already
    return parts._replace(path="").geturl() if parts.path == "/" else parts.geturl()
