"""Who this app is to others: an issuer of tokens, and a resource they are for."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from flask import request, url_for

from ._state import get_state
from .errors import InvalidTargetError


def issuer() -> str:
    """Return the app's issuer identifier (RFC 8414 §2)."""
    return get_state().config.issuer or request.root_url.rstrip("/")


def resource() -> str:
    """Return the identifier of the app as a protected resource (RFC 9728 §1.2)."""
    resources = get_state().config.resources
    return resources[0] if resources else issuer()


def endpoint_url(name: str) -> str:
    """Return the URL of one of our endpoints, as others reach it.

    :param name: that of the view function.
    """
    return urljoin(issuer(), url_for(f"tapauth.{name}"))


def audience_for(asked: str | None, granted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return whom a token is for (RFC 8707 §2).

    :param asked: what the request's ``resource`` parameters name, between spaces.
    :param granted: what was granted to the refresh token, which is not exceeded;
        None where there is none.
    :returns: empty where it is for this app alone.
    :raises InvalidTargetError: tokens for this resource are not to be had.
    """
    allowed = (
        (granted or (resource(),))
        if granted is not None
        else (get_state().config.resources or (resource(),))
    )
    if asked is None:
        return granted or ()
    by_name = {_named(uri): uri for uri in allowed}
    try:
        audience = tuple(dict.fromkeys(by_name[_named(uri)] for uri in asked.split()))
    except (KeyError, ValueError):
        raise InvalidTargetError from None
    return () if audience == (resource(),) else audience


def is_for_us(audience: tuple[str, ...]) -> bool:
    """Tell whether a token of this audience opens views of this app."""
    return not audience or resource() in audience


def _named(uri: str) -> str:
    """An empty path is the same as ``/`` (RFC 3986 §6.2.3)."""
    return uri.rstrip("/") if urlsplit(uri).path == "/" else uri
