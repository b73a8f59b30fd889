"""The ``TAPAUTH_*`` settings: read once, checked here, and nowhere else."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ._keys import ALGORITHMS, KeySet, read_key_set
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
    refresh_grace: int = 0
    token_format: str = "opaque"
    jwt_algorithm: str = "ES256"
    jwt_keys: KeySet | None = None
    jwt_check_revocation: bool = True
    resources: tuple[str, ...] = ()
    token_locations: tuple[str, ...] = TOKEN_LOCATIONS
    login_view: str | None = None
    remember_consent: bool = False
    require_https: bool = True
    rate_limit: str | None = None
    share_session: bool = False
    replica_bind: str | None = None
    cache: Any = None
    cache_timeout: int = 60

    @property
    def signing_keys(self) -> KeySet | None:
        """The keys of access tokens; None where these are opaque."""
        return self.jwt_keys if self.token_format == "jwt" else None

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
                got = "keys" if name == "jwt_keys" else repr(settings[key])
                problems.append(f"{key}: got {got}{fault}, expected {allowed}")
        config = cls(**values)
        if not problems and config.token_format == "jwt":
            problems.extend(_missing_for_jwt(config))
        if problems:
            raise ConfigError("; ".join(problems))
        return config


def _missing_for_jwt(config: Config) -> list[str]:
    """RFC 9068 §2: what a JWT needs that an opaque token does without."""
    missing = []
    if config.issuer is None:
        missing.append(
            "TAPAUTH_ISSUER: got None, expected a URL where TAPAUTH_TOKEN_FORMAT is "
            "'jwt': it is in every token"
        )
    if config.jwt_keys is None:
        missing.append(
            "TAPAUTH_JWT_KEYS: got None, expected a JWK set where TAPAUTH_TOKEN_FORMAT "
            "is 'jwt'; `flask tapauth keys generate` makes one"
        )
        return missing
    first = config.jwt_keys.keys[0]
    if not first.is_private:
        missing.append(
            "TAPAUTH_JWT_KEYS: got a public key first, expected the one that signs"
        )
    if first.algorithms[0] != config.jwt_algorithm:
        missing.append(
            f"TAPAUTH_JWT_ALGORITHM: got {config.jwt_algorithm!r}, expected "
            f"{first.algorithms[0]!r}, which the first key is for"
        )
    return missing


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


def _rate_limit(value: Any) -> str:
    limit = _text(value)
    try:
        from limits import parse_many  # comes with Flask-Limiter
    except ImportError:
        return limit
    parse_many(limit)
    return limit


def _cache(value: Any) -> Any:
    # By what it can do: Flask-Caching is no dependency of ours.
    if not all(hasattr(value, name) for name in ("get_many", "add", "set")):
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


def _resources(value: Any) -> tuple[str, ...]:
    """RFC 8707 §2: absolute URIs without fragment."""
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError
    for uri in value:
        parts = urlsplit(_text(uri))
        if not parts.scheme or "#" in uri or len(uri.split()) != 1:
            raise ValueError(f"{uri!r} is no absolute URI without fragment")
    return tuple(dict.fromkeys(value))


def _key_set(value: Any) -> KeySet:
    if isinstance(value, Path) or (
        isinstance(value, str) and not value.lstrip().startswith("{")
    ):
        try:
            value = Path(value).read_text()
        except (OSError, ValueError) as error:
            # Not named: what was taken for a path may be a secret.
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ValueError(f"the file cannot be read: {reason}") from None
    return read_key_set(value, ALGORITHMS)


def _grace(value: Any) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else _seconds(value)


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
    "refresh_grace": (_grace, f"0, or {_DURATION}"),
    "token_format": (_one_of("opaque", "jwt"), "'opaque' or 'jwt'"),
    "jwt_algorithm": (_one_of(*ALGORITHMS), f"one of {ALGORITHMS}"),
    "jwt_keys": (
        _optional(_key_set),
        "None or a JWK set with private keys, as a dict, JSON, or the path of a file",
    ),
    "jwt_check_revocation": (_flag, "True or False"),
    "resources": (_resources, "a list of absolute URIs, this app's own first"),
    "token_locations": (_some_of(TOKEN_LOCATIONS), f"some of {TOKEN_LOCATIONS}"),
    "login_view": (_optional(_text), "None or the name of an endpoint"),
    "remember_consent": (_flag, "True or False"),
    "require_https": (_flag, "True or False"),
    "rate_limit": (_optional(_rate_limit), "None or a limit such as '20 per minute'"),
    "share_session": (_flag, "True or False"),
    "replica_bind": (_optional(_text), "None or a bind key of Flask-SQLAlchemy"),
    "cache": (_optional(_cache), "None or a Cache of Flask-Caching"),
    "cache_timeout": (_seconds, _DURATION),
}
