"""Convert values that JSON has no type for, to JSON and back to a column's type."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..errors import RegistrationError

_FROM_JSON: dict[type, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    timedelta: lambda seconds: timedelta(seconds=seconds),
    bytes: lambda text: base64.b64decode(text, validate=True),
    Decimal: lambda number: Decimal(str(number)),
    UUID: UUID,
}
_JSON_TYPES: dict[type, tuple[type, ...]] = {
    timedelta: (int, float),
    Decimal: (str, int, float),
}
"""The types that JSON has as a number, or may have."""


def to_json(value: Any) -> Any:
    """Return the JSON form of a value. A type that JSON has is returned as it is."""
    if isinstance(value, (date, time)):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, (Decimal, UUID)) else value


def from_text(name: str, column: sa.Column[Any], text: str) -> Any:
    """Convert text to the Python type of a column; empty text is null.

    :param name: of the column, for the error.
    :raises RegistrationError: the text does not fit the type.
    """
    if not text:
        return None
    try:
        kind = column.type.python_type
    except NotImplementedError:  # a column type of the host that names no Python type
        return text
    if kind not in (int, float, bool, timedelta, dict, list):
        return from_json(name, column, text)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    fits = (int, float) if kind in (float, timedelta) else kind
    # To Python, true is a whole number.
    if not isinstance(value, fits) or (isinstance(value, bool) and kind is not bool):
        raise RegistrationError(f"{name} is no {kind.__name__}", "columns")
    return from_json(name, column, value)


def from_json(name: str, column: sa.Column[Any], value: Any) -> Any:
    """Convert a JSON value to the Python type of a column.

    :param name: of the column, for the error.
    :raises RegistrationError: the value does not fit the type.
    """
    try:
        kind = column.type.python_type
    except NotImplementedError:  # a column type of the host that names no Python type
        return value
    if kind not in _FROM_JSON or value is None:
        return value
    try:
        if type(value) not in _JSON_TYPES.get(kind, (str,)):
            raise ValueError
        return _FROM_JSON[kind](value)
    except (ValueError, InvalidOperation, OverflowError):
        raise RegistrationError(f"{name} is no {kind.__name__}") from None
