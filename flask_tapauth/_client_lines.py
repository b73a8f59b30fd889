"""Read a client that is written down as one line of JSON.

Its members are those that ``clients create --json`` prints, and those of RFC 7591. What
is wrong is a :class:`RegistrationError` that names the member and shows no value: any
might be a secret.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .errors import RegistrationError

_FITTING = {
    "keys": ("private_key_jwt",),
    "public": ("none",),
    "secret": ("client_secret_basic", "client_secret_post"),
}
"""Methods of RFC 7591 §2 by what a client proves itself with."""


class Line(NamedTuple):
    """A client as it is to be registered.

    :param arguments: those of ``TapAuth.register_client``.
    :param kept: columns that a new client has no say in, and an old one keeps.
    """

    arguments: dict[str, Any]
    kept: dict[str, Any]

    def __repr__(self) -> str:
        return f"<Line {self.arguments['client_id']!r}>"


def read_line(line: bytes) -> Line:
    """Read a client.

    :raises RegistrationError: it is no JSON object, or a member is of a wrong kind.
    """
    members = _Members(_parse(line))
    client_id = members.take("client_id", _text)
    name = members.take("client_name", _text) or client_id
    if name is None:
        raise RegistrationError("it has neither a client_name nor a client_id")
    arguments = {
        "name": name,
        "client_id": client_id,
        "client_secret": members.take("client_secret", _text),
        "grant_types": members.take("grant_types", _words, ("client_credentials",)),
        "scopes": members.take("scope", _words, ()),
        "redirect_uris": members.take("redirect_uris", _list, ()),
        "expires_in": members.take("expires_in", _integer),
        "secret_expires_at": members.take_one(
            "secret_expires_at", "client_secret_expires_at"
        ),
        "resource_server": members.take("resource_server", _truth, False),
        "skip_consent": members.take("skip_consent", _truth, False),
        "jwks": members.take("jwks", _jwks),
        "jwks_uri": members.take("jwks_uri", _text),
    }
    has_keys = arguments["jwks"] is not None or arguments["jwks_uri"] is not None
    arguments["public"] = _is_public(members, has_keys)
    kept = {
        **_created_at(members.take_one("created_at", "client_id_issued_at")),
        **_disabled_at(members.take("state", _text)),
    }
    return Line({**arguments, "columns": members.left}, kept)


def _parse(line: bytes) -> dict[str, Any]:
    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            raise RegistrationError("it has a member twice")
        return members

    try:
        parsed = json.loads(
            line.decode("utf-8-sig"), object_pairs_hook=without_repetition
        )
        json.dumps(parsed, ensure_ascii=False).encode()  # no half of a surrogate pair
    except UnicodeError:
        raise RegistrationError("it has characters that are not UTF-8") from None
    except RegistrationError:
        raise
    except (ValueError, RecursionError):
        raise RegistrationError("it is not JSON") from None
    if not isinstance(parsed, dict):
        raise RegistrationError("it is no JSON object")
    return parsed


class _Members:
    """The members of an object, each taken once; null is as good as none."""

    def __init__(self, members: dict[str, Any]) -> None:
        self.left = members

    def take(
        self, name: str, read: Callable[[Any], Any], default: object = None
    ) -> Any:
        value = self.left.pop(name, None)
        if value is None:
            return default
        try:
            return read(value)
        except ValueError as error:
            raise RegistrationError(f"{name} {error}") from None

    def take_one(self, name: str, synonym: str) -> datetime | None:
        """Take a moment that has two names; the two may say the same."""
        first, second = self.take(name, _moment), self.take(synonym, _moment)
        if first is not None and second is not None and first != second:
            raise RegistrationError(f"{name} and {synonym} are not the same")
        moment: datetime | None = second if first is None else first
        return moment


def _is_public(members: _Members, has_keys: bool) -> bool:
    method = members.take("token_endpoint_auth_method", _text)
    public: bool = members.take("public", _truth, method == "none")
    kind = "public" if public else "keys" if has_keys else "secret"
    if method is not None and method not in _FITTING[kind]:
        fitting = " or ".join(_FITTING[kind])
        raise RegistrationError(
            f"token_endpoint_auth_method is {method!r}, and by its other members it "
            f"could be {fitting}"
        )
    return public


def _created_at(moment: datetime | None) -> dict[str, int]:
    if moment is None:
        return {}
    seconds = int(moment.timestamp())
    if not 0 <= seconds <= time.time():
        raise RegistrationError("created_at is before 1970, or in the future")
    return {"created_at": seconds}


def _disabled_at(state: str | None) -> dict[str, int]:
    if state not in (None, "active", "expired", "disabled"):
        raise RegistrationError("state is none of active, expired, disabled")
    return {"disabled_at": int(time.time())} if state == "disabled" else {}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is no string")
    return value


def _list(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("is no list of strings")
    return value


def _words(value: object) -> list[str]:
    return value.split() if isinstance(value, str) else _list(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("is no whole number")
    return value


def _jwks(value: object) -> dict[str, Any] | str:
    if not isinstance(value, (dict, str)):
        raise ValueError("is no JWK set")
    return value


def _moment(value: object) -> datetime | None:
    """Read ISO 8601, or seconds since the epoch, of which 0 is never (RFC 7591 §3.2.1).

    A moment without a zone is in UTC.
    """
    if value == 0 and not isinstance(value, bool):
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(_integer(value), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            "is neither a date such as 2027-01-31T12:00Z nor seconds since 1970"
        ) from None
