"""Check redirect URIs, resources and key set URIs of clients."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlparse, urlsplit, urlunparse

from .._base.addresses import is_public
from .._base.redirect_uris import is_private_use
from .._base.transport import is_loopback

_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986 §2
_MAX_URI = 2000


def check_redirect_uri(uri: str) -> str:
    """Check for a URI that can be compared exactly (RFC 9700 §2.1): https, http on
    loopback, or of a private-use scheme (RFC 8252 §7)."""
    fault = f"redirect URI {uri!r}"
    _check_uri(uri, fault)
    parts = urlsplit(uri)
    if "*" in parts.netloc + parts.path:
        raise ValueError(
            f"{fault} has a wildcard, but redirect URIs are compared exactly; register "
            "each URI"
        )
    # Browsers decode a host; the consent page would show one that nobody is sent to.
    is_plain = parts.netloc == parts.netloc.lower() and "%" not in parts.netloc
    if not is_plain or urlunparse(urlparse(uri)) != uri:
        raise ValueError(
            f"{fault} is not in normal form; write scheme and host in lower case, the "
            "host without percent signs, and leave out an empty query"
        )
    is_local = parts.scheme == "http" and is_loopback(parts.netloc)
    if parts.scheme != "https" and not is_local and not is_private_use(uri):
        raise ValueError(
            f"{fault} is not https; only loopback hosts may use http, and the scheme "
            "of an application has a dot, as in com.example.app:/callback"
        )
    return uri


def check_resource(uri: str) -> str:
    """Check for an absolute URI without a fragment (RFC 8707 §2)."""
    fault = f"resource {uri!r}"
    _check_characters(uri, fault)
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise ValueError(f"{fault} is not a URI") from None
    if not parts.scheme or not (parts.netloc or parts.path):
        raise ValueError(f"{fault} is not absolute; write https://host/path")
    if "#" in uri:
        raise ValueError(f"{fault} has a fragment; leave it out")
    return uri


def check_jwks_uri(uri: str | None) -> str | None:
    """Check for an https URI that may be on a public host."""
    if uri is None:
        return None
    fault = f"key set URI {uri!r}"
    _check_uri(uri, fault)
    parts = urlsplit(uri)
    if parts.scheme != "https":
        raise ValueError(f"{fault} is not https; key sets are fetched over https only")
    if "*" in parts.netloc:
        raise ValueError(f"{fault} has a wildcard; name one host")
    if parts.port == 0:
        raise ValueError(f"{fault} has port 0, where no server listens")
    if is_loopback(parts.netloc) or not _may_be_public(parts.hostname or ""):
        raise ValueError(
            f"{fault} is not on a public host; register the keys themselves (jwks)"
        )
    return uri


def _may_be_public(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True  # a name, which is looked up at the fetch
    return is_public(host)


def _check_uri(uri: str, fault: str) -> None:
    """Check for an absolute URI with a host, without fragment and user name."""
    _check_characters(uri, fault)
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{fault} is not a URI") from None
    # A private-use scheme needs no host, but a path (RFC 8252 §7.1).
    if not host and not (is_private_use(uri) and parts.path.startswith("/")):
        if "*" in uri:
            raise ValueError(f"{fault} has a wildcard; register each URI")
        raise ValueError(f"{fault} is not absolute; write https://host/path")
    if "#" in uri:
        raise ValueError(f"{fault} has a fragment; leave it out")
    if "@" in parts.netloc:
        raise ValueError(f"{fault} has a user name; leave it out")


def _check_characters(uri: str, fault: str) -> None:
    if not isinstance(uri, str):
        raise ValueError(f"{fault} is not a string")
    if len(uri) > _MAX_URI or not _URI.fullmatch(uri):
        raise ValueError(
            f"{fault} is longer than {_MAX_URI} characters, or has characters that no "
            "URI has"
        )
