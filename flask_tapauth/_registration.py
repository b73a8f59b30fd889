"""What may be registered: the rules, each with the words that say what to change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlparse, urlsplit, urlunparse

from ._columns import MAX_NAME
from ._config import Config
from ._keys import CLIENT_ALGORITHMS, read_key_set
from ._parameters import check_text
from ._scopes import parse_scopes
from ._secrets import looks_generated
from ._transport import is_loopback
from .errors import RegistrationError

_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986 §2
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518 §6
_MAX_JWKS = 60_000  # what a text column of MariaDB holds
_LAST_MOMENT = 253_402_300_800  # the year 10000
_VISIBLE = re.compile(r"[\x20-\x7e]+")  # VSCHAR of RFC 6749 appendix A


class Rules:
    """The rules of one app.

    :param extra_grant_types: what the host registered on the server beside ours.
    """

    def __init__(
        self, config: Config, extra_grant_types: Callable[[], Collection[str]]
    ) -> None:
        self._config = config
        self._extra_grant_types = extra_grant_types

    def check(self, **values: Any) -> dict[str, Any]:
        """Return values in the form the columns take.

        :raises RegistrationError: saying what to change.
        """
        checks: dict[str, Callable[[Any], Any]] = {
            "client_name": _check_name,
            "grant_types": self._grant_types,
            "scopes": self._scopes,
            "redirect_uris": _check_redirect_uris,
            "access_token_expires_in": _check_expires_in,
            "secret_expires_at": _check_moment,
            "jwks": _check_jwks,
            "jwks_uri": _check_jwks_uri,
        }
        try:
            return {k: checks[k](v) for k, v in values.items() if k in checks}
        except ValueError as error:
            raise RegistrationError(str(error)) from None

    def _grant_types(self, grant_types: Iterable[str]) -> tuple[str, ...]:
        chosen = _several(grant_types)
        offered = [*self._config.grant_types, *sorted(self._extra_grant_types())]
        for grant_type in chosen:
            if grant_type not in offered:
                raise ValueError(
                    f"unknown grant type {grant_type!r}; there are {', '.join(offered)}"
                )
        return chosen

    def _scopes(self, scopes: str | Iterable[str]) -> tuple[str, ...]:
        chosen = parse_scopes(scopes)
        known = self._config.scopes
        for scope in chosen:
            if known is not None and scope not in known:
                raise ValueError(
                    f"unknown scope {scope!r}; TAPAUTH_SCOPES has {', '.join(known)}"
                )
        return chosen


def is_client_id(value: str) -> bool:
    """Tell whether a client could have this id (RFC 6749 appendix A.1)."""
    return len(value) <= MAX_NAME and _VISIBLE.fullmatch(value) is not None


def check_client_id(client_id: str) -> str:
    if not is_client_id(client_id):
        raise RegistrationError(
            f"a client id is 1 to {MAX_NAME} visible ASCII characters"
        )
    if looks_generated(client_id):
        raise RegistrationError(
            "a client id does not begin as secrets and tokens do, as 'tapcs_' or 'eyJ'"
        )
    if client_id != client_id.strip():
        # MariaDB compares without the spaces at the end.
        raise RegistrationError("a client id neither begins nor ends with a space")
    return client_id


def check_secret(secret: str) -> str:
    try:
        check_text(secret)
    except ValueError as error:
        raise RegistrationError(f"the client secret cannot be used: {error}") from None
    if not secret.strip():
        raise RegistrationError("the client secret is empty")
    return secret


def _check_name(name: str) -> str:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise ValueError(f"a client's name is 1 to {MAX_NAME} printable characters")
    return name


def _check_expires_in(seconds: int | None) -> int | None:
    return None if seconds is None else check_lifetime(seconds)


def check_lifetime(seconds: int) -> int:
    """:raises ValueError: no token lives as long, or none so shortly."""
    if type(seconds) is not int or not 0 < seconds < 2**31:
        raise ValueError("a token's lifetime is from 1 to 2147483647 whole seconds")
    return seconds


def check_user_id(user_id: Any) -> str:
    """:raises RegistrationError: no user's tokens can be stored under this id."""
    if not isinstance(user_id, str) or not 0 < len(user_id) <= MAX_NAME:
        raise RegistrationError(
            f"a user's id is a string of 1 to {MAX_NAME} characters"
        )
    try:
        return check_text(user_id)
    except ValueError as error:
        raise RegistrationError(str(error)) from None


def _check_moment(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = int(moment.timestamp())
    if not 0 <= seconds < _LAST_MOMENT:
        raise ValueError("a secret's last moment is in a year from 1970 to 9999")
    return seconds


def check_one_source(jwks: object, jwks_uri: object) -> None:
    if jwks is not None and jwks_uri is not None:
        # RFC 7591 §2 has them exclude each other.
        raise RegistrationError("give the client's keys or where they are, not both")


def _check_jwks(value: Mapping[str, Any] | str | None) -> str | None:
    """Return a set of public keys as JSON."""
    if value is None:
        return None
    try:
        keys = read_key_set(value, CLIENT_ALGORITHMS)
    except ValueError as error:
        raise ValueError(f"the client's key set cannot be used: {error}") from None
    read: Any = json.loads(value) if isinstance(value, (str, bytes)) else value
    if any(_PRIVATE & members.keys() for members in read["keys"]):
        raise ValueError(
            "the client's key set has a private key, which is the client's alone; "
            "register the public part"
        )
    jwks = json.dumps({"keys": keys.public()})
    if len(jwks) > _MAX_JWKS:
        raise ValueError(f"the client's key set is longer than {_MAX_JWKS} characters")
    return jwks


def _check_jwks_uri(uri: str | None) -> str | None:
    if uri is None:
        return None
    fault = f"key set URI {uri!r}"
    _check_uri(uri, fault)
    host = urlsplit(uri).hostname or ""
    if urlsplit(uri).scheme != "https":
        raise ValueError(f"{fault} is not https")
    if is_loopback(host):
        raise ValueError(f"{fault} is not on a public host; give the keys themselves")
    return uri


def _check_redirect_uris(uris: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_check_redirect_uri, _several(uris)))


def _several(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):  # which would be taken letter by letter
        raise ValueError(f"{values!r} is one value, and a list is wanted: [{values!r}]")
    return tuple(dict.fromkeys(values))


def _check_redirect_uri(uri: str) -> str:
    """RFC 6749 §3.1.2, and RFC 9700 §2.1: compared as it stands, sent over TLS."""
    fault = f"redirect URI {uri!r}"
    _check_uri(uri, fault)
    parts = urlsplit(uri)
    if parts.netloc != parts.netloc.lower() or urlunparse(urlparse(uri)) != uri:
        raise ValueError(
            f"{fault} would be sent in another spelling; write scheme and host in "
            "lower case, and no empty query"
        )
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not is_local:
        raise ValueError(f"{fault} is not https, which all but loopback must be")
    return uri


def _check_uri(uri: str, fault: str) -> None:
    if len(uri) > 2000 or not _URI.fullmatch(uri):
        raise ValueError(f"{fault} is too long or has characters that no URI has")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{fault} is no URI") from None
    if not host:
        raise ValueError(f"{fault} is not absolute; write https://host/path")
    if "#" in uri:
        raise ValueError(f"{fault} has a fragment; leave it out")
    if "@" in parts.netloc:
        raise ValueError(f"{fault} has a user name; leave it out")


def check_redirects(grant_types: Collection[str], uris: Collection[str]) -> None:
    if "implicit" in grant_types and not uris:
        raise RegistrationError("the implicit grant needs a redirect URI; give one")
