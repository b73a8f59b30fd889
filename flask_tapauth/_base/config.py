"""The ``TAPAUTH_*`` settings: read and checked once, in ``init_app``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import ConfigError
from . import settings as read
from .keys import ALGORITHMS, KeySet
from .transport import is_loopback

PREFIX: Final = "TAPAUTH_"
GRANT_TYPES: Final = (
    "client_credentials",
    "authorization_code",
    "implicit",
    "refresh_token",
)
TOKEN_LOCATIONS: Final = ("bearer", "header", "body", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one app; a field `x` is the setting ``TAPAUTH_X``.

    Durations are whole seconds.
    """

    url_prefix: str = "/oauth"
    """The path that the endpoints are below."""
    issuer: str | None = None
    """The issuer identifier (RFC 8414 §2), a URL. None is the root URL of each request.
    Set it: the root URL comes from the caller's ``Host`` header. JWTs and clients with
    keys need it."""
    scopes: Mapping[str, str] | None = None
    """The scopes there are, each with the description that users read. If it is set, no
    other scope can be registered or asked for."""
    grant_types: tuple[str, ...] = GRANT_TYPES
    """The grants that clients may be registered for."""
    access_token_expires_in: int = 3600
    """The lifetime of access tokens. A client may have its own."""
    refresh_token_expires_in: int = 1_209_600
    """How long after the grant a token can be renewed."""
    refresh_grace: int = 0
    """How long a used refresh token works again, for a client that lost the answer."""
    token_format: str = "opaque"
    """What access tokens are: opaque, or JWTs that a service can check by itself
    (RFC 9068)."""
    jwt_algorithm: str = "ES256"
    """The algorithm that signs JWTs."""
    jwt_keys: KeySet | None = None
    """The keys that sign and verify JWTs: the first one signs, all of them verify."""
    jwt_check_revocation: bool = True
    """Whether a JWT is looked up in the database. False trusts its signature and its
    expiry alone: a revoked JWT then opens views until it expires."""
    resources: tuple[str, ...] = ()
    """The resources that tokens can be asked for (RFC 8707), this app's own first.
    Without any, tokens are for the issuer."""
    token_locations: tuple[str, ...] = TOKEN_LOCATIONS
    """Where a view looks for a token."""
    login_view: str | None = None
    """The endpoint or the address where users sign in. None is Flask-Login's."""
    remember_consent: bool = False
    """Whether a user who gave a client some scopes is not asked for them again."""
    require_https: bool = True
    """Whether credentials over plain HTTP are refused, except on loopback."""
    rate_limit: str | None = None
    """How often a caller may ask the token, revocation and introspection endpoints.
    It needs Flask-Limiter on the app; further requests are answered 429."""
    share_session: bool = False
    """Whether tokens are looked up in the transaction of ``db.session``, instead of a
    short session."""
    cache: str | None = field(default=None, repr=False)  # may have a password in it
    """How processes tell each other what to forget of the tokens that they remember: by
    PostgreSQL, or by Redis. None remembers nothing."""
    cache_timeout: int = 60
    """How long a remembered token is believed without a look at the database."""
    client_id_metadata: bool | tuple[str, ...] = False
    """Whether clients may be the https URL of a document about themselves. A list of
    hosts accepts those alone."""
    openid_configuration: bool = False
    """Whether the server's metadata is at ``/.well-known/openid-configuration`` too,
    for clients that look nowhere else. There are no ID tokens nevertheless."""
    audit: bool = False
    """Whether who did what is recorded in the table ``tapauth_event``."""

    @property
    def signing_keys(self) -> KeySet | None:
        """The keys that sign access tokens; None if tokens are opaque."""
        return self.jwt_keys if self.token_format == "jwt" else None

    @property
    def own_resource(self) -> str | None:
        """The URI of this app as a resource; None if no setting names the app."""
        return self.resources[0] if self.resources else self.issuer

    @property
    def own_audience(self) -> tuple[str, ...]:
        """The audience of a token for this app; empty if no setting names the app.

        Its root URL would come from the caller's Host header, and tokens would not work
        with another Host.
        """
        own = self.own_resource
        return () if own is None else (own,)

    def allows_transport(self, scheme: str, host: str) -> bool:
        """Tell whether credentials may come this way (RFC 6749 §3.2, RFC 6750 §5.3)."""
        return scheme == "https" or not self.require_https or is_loopback(host)

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any]) -> Config:
        """Read the settings in a Flask config, and report all mistakes together."""
        values: dict[str, Any] = {}
        problems: list[str] = []
        for key in sorted(key for key in settings if key.startswith(PREFIX)):
            name = key.removeprefix(PREFIX).lower()
            if name not in _READERS or key != key.upper():
                problems.append(_unknown(key))
                continue
            read_value, allowed = _READERS[name]
            try:
                values[name] = read_value(settings[key])
            except (TypeError, ValueError) as error:
                fault = f" ({error})" if str(error) else ""
                got = _shown(name, settings[key])
                problems.append(f"{key}: got {got}{fault}, expected {allowed}")
        config = cls(**values)
        if not problems and config.token_format == "jwt":
            problems.extend(_missing_for_jwt(config))
        if config.cache is not None and config.share_session:
            problems.append(
                "TAPAUTH_CACHE: cannot be used with TAPAUTH_SHARE_SESSION, which looks "
                "up each token in the app's transaction; leave one of them out"
            )
        if problems:
            raise ConfigError("; ".join(problems))
        return config


def _missing_for_jwt(config: Config) -> list[str]:
    """Return the problems of settings that only JWTs need (RFC 9068 §2)."""
    missing = []
    if config.issuer is None:
        missing.append(
            "TAPAUTH_ISSUER: got None, expected a URL where TAPAUTH_TOKEN_FORMAT is "
            "'jwt': it is in every token"
        )
    if config.jwt_keys is None:
        missing.append(
            "TAPAUTH_JWT_KEYS: got None, expected a JWK set where TAPAUTH_TOKEN_FORMAT "
            "is 'jwt'; make one by `flask tapauth keys generate` while it is 'opaque'"
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


def _shown(name: str, value: object) -> str:
    """Describe a wrong value without showing a secret that it may contain."""
    shown = repr(value)
    if name == "jwt_keys" or "kty" in shown:
        return "keys"  # in any setting: they may be private
    if "@" in shown:
        return "a URL with credentials"
    if name == "cache" and not (isinstance(value, str) and value.isalpha()):
        return f"a {type(value).__name__}"  # a password may be anywhere in it
    return shown


def _unknown(key: str) -> str:
    known = [*_READERS]
    near = difflib.get_close_matches(key.removeprefix(PREFIX).lower(), known, n=1)
    names = ", ".join(PREFIX + name.upper() for name in near or known)
    hint = f"did you mean {names}?" if near else f"there are {names}"
    return f"{key}: no such setting; {hint}"


_DURATION: Final = "a positive number of whole seconds, or a timedelta"

# Field -> how its value is read, and what an error message says is allowed.
_READERS: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = {
    "url_prefix": (read.path, "a path such as '/oauth', without a slash at its end"),
    "issuer": (read.optional(read.issuer), "None or a URL without query and fragment"),
    "scopes": (read.optional(read.scopes), "None or a dict of scope to description"),
    "grant_types": (read.some_of(GRANT_TYPES), f"some of {GRANT_TYPES}"),
    "access_token_expires_in": (read.seconds, _DURATION),
    "refresh_token_expires_in": (read.seconds, _DURATION),
    "refresh_grace": (
        read.grace,
        f"from 0 to {read.MAX_GRACE} whole seconds, or a timedelta",
    ),
    "token_format": (read.one_of("opaque", "jwt"), "'opaque' or 'jwt'"),
    "jwt_algorithm": (read.one_of(*ALGORITHMS), f"one of {ALGORITHMS}"),
    "jwt_keys": (
        read.optional(read.key_set),
        "None or a JWK set with private keys, as a dict, JSON, or the path of a file",
    ),
    "jwt_check_revocation": (read.flag, "True or False"),
    "resources": (read.resources, "a list of absolute URIs, this app's own first"),
    "token_locations": (read.some_of(TOKEN_LOCATIONS), f"some of {TOKEN_LOCATIONS}"),
    "login_view": (read.optional(read.text), "None or the name of an endpoint"),
    "remember_consent": (read.flag, "True or False"),
    "require_https": (read.flag, "True or False"),
    "rate_limit": (
        read.optional(read.rate_limit),
        "None or a limit such as '20 per minute'",
    ),
    "share_session": (read.flag, "True or False"),
    "cache": (
        read.optional(read.cache),
        "None, 'database', or the redis:// or rediss:// URL of a Redis",
    ),
    "cache_timeout": (read.seconds, _DURATION),
    "client_id_metadata": (
        read.flag_or_hosts,
        "True, False, or a list of hosts such as ['client.example']",
    ),
    "openid_configuration": (read.flag, "True or False"),
    "audit": (read.flag, "True or False"),
}
