"""The ``TAPAUTH_*`` settings: read once, checked here, and nowhere else."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from ._scopes import parse_scopes
from ._transport import is_loopback
from .errors import ConfigError

PREFIX: Final = "TAPAUTH_"
GRANT_TYPES: Final = ("client_credentials", "implicit", "refresh_token")
TOKEN_LOCATIONS: Final = ("bearer", "header", "body", "query")
_LONGEST: Final = 100 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one app; a field `x` is the setting ``TAPAUTH_X``.

    Durations are whole seconds, whatever was written. Changes to ``app.config`` after
    ``init_app`` are not seen.
    """

    url_prefix: str = "/oauth"
    issuer: str | None = None
    scopes: Mapping[str, str] | None = None
    grant_types: tuple[str, ...] = GRANT_TYPES
    access_token_expires_in: int = 3600
    refresh_token_expires_in: int = 1_209_600
    token_format: str = "opaque"
    token_locations: tuple[str, ...] = TOKEN_LOCATIONS
    login_view: str | None = None
    remember_consent: bool = False
    require_https: bool = True

    def allows_transport(self, scheme: str, host: str) -> bool:
        """Tell whether credentials may come this way (RFC 6749 §3.2, RFC 6750 §5.3)."""
        return scheme == "https" or not self.require_https or is_loopback(host)

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any]) -> Config:
        """Read the settings out of a Flask config.

        :raises ConfigError: naming every setting that is unknown or wrong, what is
            wrong with it, and what is allowed.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for key in sorted(key for key in settings if key.startswith(PREFIX)):
            name = key.removeprefix(PREFIX).lower()
            if name not in _READERS or key != key.upper():
                problems.append(_unknown(key))
                continue
            read, allowed = _READERS[name]
            try:
                values[name] = read(settings[key])
            except (TypeError, ValueError) as error:
                fault = f" ({error})" if str(error) else ""
                problems.append(
                    f"{key}: got {settings[key]!r}{fault}, expected {allowed}"
                )
        if problems:
            raise ConfigError("; ".join(problems))
        return cls(**values)


def _unknown(key: str) -> str:
    known = [field.name for field in fields(Config)]
    near = difflib.get_close_matches(key.removeprefix(PREFIX).lower(), known, n=1)
    names = ", ".join(PREFIX + name.upper() for name in near or known)
    hint = f"did you mean {names}?" if near else f"there are {names}"
    return f"{key}: no such setting; {hint}"


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    # A string is refused: "False" would be true.
    if not isinstance(value, bool):
        raise TypeError
    return value


def _path(value: Any) -> str:
    path = _text(value)
    if not path.startswith("/") or path.endswith("/") or "?" in path or "<" in path:
        raise ValueError
    return path


def _issuer(value: Any) -> str:
    """RFC 8414 §2: a URL with neither query nor fragment."""
    issuer = _text(value)
    parts = urlsplit(issuer)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError
    if "?" in issuer or "#" in issuer:
        raise ValueError
    return issuer


def _seconds(value: Any) -> int:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    if not 0 < value <= _LONGEST or value != int(value):
        raise ValueError
    return int(value)


def _scopes(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError
    if any(parse_scopes(scope) != (scope,) for scope in value):
        raise ValueError("a scope is one word")
    if not all(isinstance(description, str) for description in value.values()):
        raise TypeError
    return dict(value)


def _some_of(allowed: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple, set, frozenset)) or not value:
            raise TypeError
        if not set(value) <= set(allowed):
            raise ValueError
        # In our order: that of the token's places is part of the contract.
        return tuple(name for name in allowed if name in value)

    return read


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError
        return str(value)

    return read


_DURATION: Final = "a positive number of whole seconds, or a timedelta"

# Field -> how it is read, and what a message says is allowed.
_READERS: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = {
    "url_prefix": (_path, "a path such as '/oauth', without a slash at its end"),
    "issuer": (_optional(_issuer), "None or a URL without query and fragment"),
    "scopes": (_optional(_scopes), "None or a dict of scope to description"),
    "grant_types": (_some_of(GRANT_TYPES), f"some of {GRANT_TYPES}"),
    "access_token_expires_in": (_seconds, _DURATION),
    "refresh_token_expires_in": (_seconds, _DURATION),
    "token_format": (_one_of("opaque"), "'opaque'"),
    "token_locations": (_some_of(TOKEN_LOCATIONS), f"some of {TOKEN_LOCATIONS}"),
    "login_view": (_optional(_text), "None or the name of an endpoint"),
    "remember_consent": (_flag, "True or False"),
    "require_https": (_flag, "True or False"),
}
