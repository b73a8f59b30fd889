"""Read the value of a setting, by its kind.

A wrong value is a :class:`TypeError` or :class:`ValueError`, whose message does not
show values that may be secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from .key_reading import read_key_set
from .keys import ALGORITHMS, KeySet
from .scopes import parse_scopes

_URI: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986 §2
_HOST: Final = re.compile(r"[a-z0-9._-]+(:[1-9][0-9]{0,4})?")
_LONGEST: Final = 100 * 365 * 24 * 3600

MAX_GRACE: Final = 60
"""Seconds: within the grace time, the theft of a refresh token goes unnoticed."""


def optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def rate_limit(value: Any) -> str:
    given = text(value)
    try:
        from limits import parse_many  # comes with Flask-Limiter
    except ImportError:
        return given
    parse_many(given)
    return given


def cache(value: Any) -> str:
    given = text(value)
    if given == "database":
        return given
    if not given.startswith(("redis://", "rediss://")):
        raise ValueError
    try:
        from redis import Redis
    except ImportError:
        raise ValueError(
            "the package redis is missing: pip install 'Flask-TapAuth[redis]'"
        ) from None
    try:
        Redis.from_url(given)
    except ValueError:
        # The message of redis may contain a part of the password.
        raise ValueError("it is not the URL of a Redis") from None
    return given


def flag(value: Any) -> bool:
    # A string such as "False" would count as true.
    if not isinstance(value, bool):
        raise TypeError
    return value


def path(value: Any) -> str:
    given = text(value)
    if not given.startswith("/") or given.endswith("/") or set("?<") & set(given):
        raise ValueError
    return given


def issuer(value: Any) -> str:
    """RFC 8414 §2: a URL with neither query nor fragment."""
    url = text(value)
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError
    _ = parts.port  # raises ValueError if it is not a port
    if not _URI.fullmatch(url) or "@" in parts.netloc:
        raise ValueError("it has characters that no URL has")
    if "?" in url or "#" in url:
        raise ValueError
    return url


def resources(value: Any) -> tuple[str, ...]:
    """RFC 8707 §2: absolute URIs without fragment."""
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError
    for uri in value:
        parts = urlsplit(text(uri))
        if not parts.scheme or "#" in uri or not _URI.fullmatch(uri):
            raise ValueError(f"{uri!r} is not an absolute URI without fragment")
    return tuple(dict.fromkeys(value))


def flag_or_hosts(value: Any) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError
    for host in value:
        if not _HOST.fullmatch(text(host)):
            raise ValueError(f"{host!r} is not a host in lower case")
    return tuple(value)


def key_set(value: Any) -> KeySet:
    if isinstance(value, Path) or (
        isinstance(value, str) and not value.lstrip().startswith("{")
    ):
        try:
            value = Path(value).read_text()
        except (OSError, ValueError) as error:
            # The path is not shown: it may be a secret in the wrong place.
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ValueError(f"the file cannot be read: {reason}") from None
    return read_key_set(value, ALGORITHMS)


def grace(value: Any) -> int:
    chosen = 0 if value == 0 and not isinstance(value, bool) else seconds(value)
    if chosen > MAX_GRACE:
        raise ValueError
    return chosen


def seconds(value: Any) -> int:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    if not 0 < value <= _LONGEST or value != int(value):
        raise ValueError
    return int(value)


def scopes(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError
    if any(parse_scopes(scope) != (scope,) for scope in value):
        raise ValueError("a scope is one word")
    if not all(isinstance(description, str) for description in value.values()):
        raise TypeError
    return dict(value)


def some_of(allowed: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple, set, frozenset)) or not value:
            raise TypeError
        if not set(value) <= set(allowed):
            raise ValueError
        # In our order, because tokens are looked for in that order.
        return tuple(name for name in allowed if name in value)

    return read


def one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError
        return str(value)

    return read
