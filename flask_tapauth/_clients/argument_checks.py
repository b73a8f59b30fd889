"""Check the arguments of a registration, each on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .._base.config import Config
from .._base.ids import MAX_NAME
from .._base.key_reading import read_client_keys
from .._base.moments import check_lifetime, to_timestamp
from .._base.parameters import MAX_LONG, check_text
from .._base.scopes import join_scopes, parse_scopes
from ..errors import RegistrationError
from .networks import check_network
from .registration import Registration
from .uris import check_jwks_uri, check_redirect_uri, check_resource

_MAX_JWKS = 60_000  # a text column of MariaDB holds 65,535 bytes

COLUMNS = {
    "name": "client_name",
    "expires_in": "access_token_expires_in",
    "resource_server": "is_resource_server",
    "resource": "resource_uri",
    "keep_refresh_token": "keeps_refresh_token",
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
            "allowed_networks": _check_networks,
            "keep_refresh_token": check_flag,
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

    def offered_grant_types(self) -> Collection[str]:
        """Return the grant types that a client can be registered for, in order."""
        return dict.fromkeys(
            [*self._config.grant_types, *sorted(self._extra_grant_types())]
        )

    def _check_grant_types(self, grant_types: Iterable[str]) -> tuple[str, ...]:
        chosen = _string_tuple(grant_types, "['client_credentials']")
        offered = self.offered_grant_types()
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


def _check_expires_in(lifetime: int | timedelta | None) -> int | None:
    return None if lifetime is None else check_lifetime(lifetime)


def _check_date(date: datetime | None) -> int | None:
    return None if date is None else to_timestamp(date)


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


def _check_networks(networks: Iterable[str]) -> tuple[str, ...] | None:
    """Return networks as they are written; None if every network is allowed."""
    chosen = _string_tuple(networks, "['192.0.2.0/24']")
    return tuple(map(check_network, chosen)) or None


def _string_tuple(values: Any, example: str) -> tuple[str, ...]:
    if isinstance(values, str):  # it would be taken letter by letter
        raise ValueError(f"{values!r} is one value, and a list is wanted: [{values!r}]")
    strings = tuple(values) if isinstance(values, Iterable) else (None,)
    if not all(isinstance(value, str) for value in strings):
        raise ValueError(
            f"{values!r} is not a list of strings; give one such as {example}"
        )
    return tuple(dict.fromkeys(strings))
