"""Who this app is to others: an issuer of tokens, and a resource they are for."""

from __future__ import annotations

import functools
import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from flask import request, url_for
from werkzeug.exceptions import BadRequest

from ._state import get_state
from .errors import InvalidTargetError

_HOST: Final = re.compile(r"([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")


def issuer() -> str:
    """Return the app's issuer identifier (RFC 8414 §2).

    :raises werkzeug.exceptions.BadRequest: it has to be taken from the Host header, and
        that has none.
    """
    return get_state().config.issuer or _root_url()


def _root_url() -> str:
    """Werkzeug's own is made for people: its host and path may be of any script."""
    return _root_at(request.scheme, request.host, request.script_root)


@functools.lru_cache(maxsize=64)
def _root_at(scheme: str, host: str, script_root: str) -> str:
    if not _HOST.fullmatch(host):
        raise BadRequest("The Host header names no host.")
    return f"{scheme}://{host}{_mount_at(script_root)}"


def mount() -> str:
    """Return the path that the app is mounted at, encoded; empty for the root."""
    return _mount_at(request.script_root)


@functools.lru_cache(maxsize=64)
def _mount_at(script_root: str) -> str:
    path = quote(script_root, safe="/!$&'()*+,;=:@~").strip("/")
    return f"/{path}" if path else ""


def resource() -> str:
    """Return the identifier of the app as a protected resource (RFC 9728 §1.2)."""
    resources = get_state().config.resources
    return resources[0] if resources else issuer()


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
    return at_origin(issuer(), url_for(f"tapauth.{name}"))


def at_origin(identifier: str, path: str) -> str:
    """Return the URL of a path on the host of an identifier, and on no other's."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/{path.lstrip('/')}"


def audience_for(asked: str | None, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return whom a token is for (RFC 8707 §2).

    :param asked: what the request's ``resource`` parameters name, between spaces.
    :param granted: what was granted to the refresh token, which is not exceeded; empty
        for this app alone, None where there is no refresh token.
    :returns: empty where it is for this app alone.
    :raises InvalidTargetError: tokens for this resource are not to be had.
    """
    if asked is None and not granted:
        return ()
    offered = get_state().config.resources or (resource(),)
    if granted is None:
        allowed, wanted = offered, [resource()]
    else:
        allowed = tuple(uri for uri in granted or (resource(),) if uri in offered)
        wanted = list(allowed)
    if asked is not None:
        wanted = asked.split()
    by_name = {_named(uri): uri for uri in allowed}
    try:
        audience = tuple(dict.fromkeys(by_name[_named(uri)] for uri in wanted))
    except (KeyError, ValueError):
        raise InvalidTargetError from None
    if not audience:
        raise InvalidTargetError  # empty would be this app
    return () if audience == (resource(),) else audience


def is_for_us(audience: tuple[str, ...]) -> bool:
    """Tell whether a token of this audience opens views of this app."""
    return not audience or resource() in audience


def _named(uri: str) -> str:
    """An empty path is the same as ``/`` (RFC 3986 §6.2.3)."""
    return uri.rstrip("/") if urlsplit(uri).path == "/" else uri
