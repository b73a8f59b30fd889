"""Read the members of a JSON object by their type.

A wrong value is a :class:`RegistrationError` that names the member and does not show
the value, which might be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..errors import RegistrationError


class Members:
    """The members of a JSON object, each taken once; null counts as missing."""

    def __init__(self, line: bytes) -> None:
        self.left = _parse(line)
        """The members that were not taken yet."""

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

    def take_date(self, name: str, synonym: str) -> datetime | None:
        """Take a date that has two names."""
        first, second = self.take(name, read_date), self.take(synonym, read_date)
        if first is not None and second is not None and first != second:
            raise RegistrationError(f"{name} and {synonym} are not the same")
        date: datetime | None = second if first is None else first
        return date


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a string")
    return value


def string_list(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("is not a list of strings")
    return value


def words(value: object) -> list[str]:
    """Read a list of strings, or one string with spaces between the words."""
    return value.split() if isinstance(value, str) else string_list(value)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("is not a whole number")
    return value


def jwk_set(value: object) -> dict[str, Any] | str:
    if not isinstance(value, (dict, str)):
        raise ValueError("is not a JWK set")
    return value


def read_date(value: object) -> datetime | None:
    """Read ISO 8601, in UTC unless it names a zone, or seconds since the epoch.

    0 means never (RFC 7591 §3.2.1).
    """
    if value == 0 and not isinstance(value, bool):
        return None
    try:
        if isinstance(value, str):
            date = datetime.fromisoformat(value)
            return date if date.tzinfo else date.replace(tzinfo=UTC)
        return datetime.fromtimestamp(integer(value), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            "is neither a date such as 2027-01-31T12:00Z nor seconds since 1970"
        ) from None


def _parse(line: bytes) -> dict[str, Any]:
    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            raise RegistrationError("it has a member twice")
        return members

    def refuse_constant(name: str) -> None:
        raise ValueError  # NaN and Infinity, which Python reads and JSON does not have

    try:
        parsed = json.loads(
            line.decode("utf-8-sig"),
            object_pairs_hook=without_repetition,
            parse_constant=refuse_constant,
        )
        # Half of a surrogate pair is valid JSON, and no database stores it.
        json.dumps(parsed, ensure_ascii=False).encode()
    except RegistrationError:
        raise
    except UnicodeError:
        raise RegistrationError("it has characters that are not UTF-8") from None
    except (ValueError, RecursionError):
        raise RegistrationError("it is not JSON") from None
    if not isinstance(parsed, dict):
        raise RegistrationError("it is not a JSON object")
    return parsed
