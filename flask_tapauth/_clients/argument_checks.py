"""Check the arguments of a registration, each on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .._base.config import Config
from .._base.ids import MAX_NAME
from .._base.key_reading import read_client_keys
from .._base.moments import check_lifetime
from .._base.parameters import MAX_LONG, check_text
from .._base.scopes import join_scopes, parse_scopes
from ..errors import RegistrationError
from .registration import Registration
from .uris import check_jwks_uri, check_redirect_uri, check_resource

_MAX_JWKS = 60_000  # a text column of MariaDB holds 65,535 bytes
_YEAR_10000 = 253_402_300_800

COLUMNS = {
    "name": "client_name",
    "expires_in": "access_token_expires_in",
    "resource_server": "is_resource_server",
    "resource": "resource_uri",
}
"""The columns whose name differs from the argument's."""


class ArgumentChecks:
    """The checks of one app: its settings limit grant types, scopes and resources."""

    def __init__(
        self, config: Config, extra_grant_types: Callable[[], Collection[str]]
    ) -> None:
        self._config = config
        self._extra_grant_types = extra_grant_types
        self._checks: dict[str, Callable[[Any], Any]] = {
            "name": _check_name,
            "grant_types": self._check_grant_types,
            "scopes": self._check_scopes,
            "redirect_uris": _check_redirect_uris,
            "expires_in": _check_expires_in,
            "secret_expires_at": _check_date,
            "resource_server": check_flag,
            "resource": self._check_resource,
            "skip_consent": check_flag,
            "jwks": _check_jwks,
            "jwks_uri": check_jwks_uri,
        }

    def check_registration(self, registration: Registration) -> dict[str, Any]:
        """Return the columns of a new client, without id, secret and host's columns."""
        return self.check(
            {argument: getattr(registration, argument) for argument in self._checks}
        )

    def check(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments as columns. A host's column is returned unchecked."""
        columns = {}
        for argument, value in arguments.items():
            if argument in self._checks:
                try:
                    value = self._checks[argument](value)
                except ValueError as error:
                    raise RegistrationError(str(error), argument) from None
            columns[COLUMNS.get(argument, argument)] = value
        for argument in ("jwks", "jwks_uri"):
            if arguments.get(argument) is not None and self._config.issuer is None:
                raise RegistrationError(
                    "a client with keys signs assertions for this app's issuer, and "
                    "the app has none: set TAPAUTH_ISSUER to its URL",
                    argument,
                )
        return columns

    def _check_grant_types(self, grant_types: Iterable[str]) -> tuple[str, ...]:
        chosen = _string_tuple(grant_types, "['client_credentials']")
        offered = [*self._config.grant_types, *sorted(self._extra_grant_types())]
        for grant_type in chosen:
            if grant_type not in offered:
                raise ValueError(
                    f"unknown grant type {grant_type!r}; there are {', '.join(offered)}"
                )
        return chosen

    def _check_scopes(self, scopes: str | Iterable[str]) -> tuple[str, ...]:
        chosen = parse_scopes(
            scopes if isinstance(scopes, str) else _string_tuple(scopes, "'a b'")
        )
        known = self._config.scopes
        for scope in chosen:
            if known is not None and scope not in known:
                raise ValueError(
                    f"unknown scope {scope!r}; TAPAUTH_SCOPES has {', '.join(known)}"
                )
            check_text(scope)
        if len(join_scopes(chosen)) > MAX_LONG:
            # A request that names them all would be refused as too long.
            raise ValueError(f"the scopes have more than {MAX_LONG} characters")
        return chosen

    def _check_resource(self, uri: str | None) -> str | None:
        if uri is None:
            return None
        check_resource(uri)
        issuer = self._config.issuer
        known = self._config.resources or (() if issuer is None else (issuer,))
        if known and uri not in known:
            setting = "RESOURCES" if self._config.resources else "ISSUER"
            raise ValueError(
                f"unknown resource {uri!r}; TAPAUTH_{setting} has {', '.join(known)}"
            )
        return uri


def check_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither True nor False; give True or False")
    return value


def _check_name(name: Any) -> str:
    if (
        not isinstance(name, str)
        or not name.strip()
        or len(name) > MAX_NAME
        or not name.isprintable()
    ):
        raise ValueError(
            f"a client's name is a string of 1 to {MAX_NAME} printable characters"
        )
    return name


def _check_expires_in(seconds: int | None) -> int | None:
    return None if seconds is None else check_lifetime(seconds)


def _check_date(date: Any) -> int | None:
    """Return a date as seconds since the epoch; without a zone, it is in UTC."""
    if date is None:
        return None
    if not isinstance(date, datetime):
        raise ValueError(
            f"{date!r} is not a datetime; datetime.fromisoformat() reads a string"
        )
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    seconds = int(date.timestamp())
    if not 0 <= seconds < _YEAR_10000:
        raise ValueError("the date is out of range; give a year from 1970 to 9999")
    return seconds


def _check_jwks(value: Mapping[str, Any] | str | bytes | None) -> str | None:
    """Return a set of public keys as JSON, without members that are not the keys'."""
    if value is None:
        return None
    try:
        keys = read_client_keys(value)
    except ValueError as error:
        raise ValueError(f"the client's key set cannot be used: {error}") from None
    jwks = json.dumps({"keys": keys.public()})
    if len(jwks) > _MAX_JWKS:
        raise ValueError(f"the client's key set is longer than {_MAX_JWKS} characters")
    return jwks


def _check_redirect_uris(uris: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(check_redirect_uri, _string_tuple(uris, "['https://host/path']")))


def _string_tuple(values: Any, example: str) -> tuple[str, ...]:
    if isinstance(values, str):  # it would be taken letter by letter
        raise ValueError(f"{values!r} is one value, and a list is wanted: [{values!r}]")
    strings = tuple(values) if isinstance(values, Iterable) else (None,)
    if not all(isinstance(value, str) for value in strings):
        raise ValueError(
            f"{values!r} is not a list of strings; give one such as {example}"
        )
    return tuple(dict.fromkeys(strings))
