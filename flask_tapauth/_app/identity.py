"""The identifiers of this app: as an issuer, and as a protected resource."""

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
    """Return the app's issuer identifier (RFC 8414 §2).

    :raises werkzeug.exceptions.BadRequest: it has to be taken from the Host header, and
        that has none.
    """
    return get_app_state().config.issuer or _root_url()


def _root_url() -> str:
    """Werkzeug's own is made for people: its host and path may be of any script."""
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
    """Return the identifier of the app as a protected resource (RFC 9728 §1.2)."""
    return get_app_state().config.own_resource or _root_url()


def is_path_of(path: str, identifier: str) -> bool:
    """Tell whether a well-known address that ends in `path` is an identifier's.

    :param path: decoded; that of the identifier, or what is left of it below the path
        that the app is mounted at.
    """
    whole, root = path_of(identifier), mount().strip("/")
    below = whole[len(root) :] if f"{whole}/".startswith(f"{root}/") else whole
    return path.strip("/") in {unquote(whole), unquote(below).strip("/")}


def path_of(identifier: str) -> str:
    """Return the path of an identifier, which its well-known addresses end in."""
    return urlsplit(identifier).path.strip("/")


def endpoint_url(name: str) -> str:
    """Return the URL of one of our endpoints, as others reach it.

    :param name: that of the view function.
    """
    return url_on_host_of(issuer(), endpoint_path(name))


def endpoint_path(name: str) -> str:
    """Return the path of one of our endpoints, with what the app is mounted at.

    Flask's ``url_for`` would add what the host's ``url_defaults`` add to every URL.
    """
    return f"{mount()}{_quote(get_app_state().config.url_prefix)}{PATHS[name]}"


def url_on_host_of(identifier: str, path: str) -> str:
    """Return the URL of a path on the host of an identifier."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/{path.lstrip('/')}"


def own_audience() -> tuple[str, ...]:
    """Return the audience of tokens requested without a resource: this app."""
    return get_app_state().config.own_audience


def audience_for(asked: str | None, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return whom a token is for (RFC 8707 §2).

    :param asked: what the request's ``resource`` parameters name, between spaces.
    :param granted: the audience of the grant that the token comes of, which is not
        exceeded; None where there was no grant before this request.
    :raises InvalidTargetError: no tokens are issued for this resource.
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
        raise InvalidTargetError  # empty is an app without a name
    return own_audience() if audience == (own,) else audience


def is_in_audience(audience: tuple[str, ...], identifier: str | None = None) -> bool:
    """Tell whether a token of this audience is for a resource.

    A token without an audience was issued while the app had no identifier.

    :param identifier: the resource; None for this app.
    """
    own = get_app_state().config.own_resource
    if identifier is None or (own and _normalise(identifier) == _normalise(own)):
        return not audience or own in audience
    return _normalise(identifier) in map(_normalise, audience)


def _normalise(uri: str) -> str:
    """An empty path is the same as ``/`` (RFC 3986 §6.2.3)."""
    return uri.rstrip("/") if urlsplit(uri).path == "/" else uri
