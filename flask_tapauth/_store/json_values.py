"""Convert values that JSON has no type for, to JSON and back to a column's type."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from .._base.parameters import check_text
from ..errors import RegistrationError


def _decimal(number: str | float) -> Decimal:
    value = Decimal(str(number))
    if not value.is_finite():
        raise ValueError
    return value


def _no_number(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError


_FROM_JSON: dict[type, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    timedelta: lambda seconds: timedelta(seconds=seconds),
    bytes: lambda text: base64.b64decode(text, validate=True),
    Decimal: _decimal,
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
    try:
        check_text(text)
    except ValueError as error:
        raise RegistrationError(f"{name}: {error}", "columns") from None
    if not text:
        return None
    try:
        # A JSON column's Python type depends on SQLAlchemy's version.
        is_json = isinstance(column.type, sa.JSON)
        kind = dict if is_json else column.type.python_type
    except NotImplementedError:  # a column type of the host that names no Python type
        return text
    if kind not in (int, float, bool, timedelta, dict, list):
        return from_json(name, column, text)
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RegistrationError(f"{name} is no {kind.__name__}", "columns") from None
    if is_json:
        return value
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
    if isinstance(column.type, sa.Enum) and value is not None:
        return _member(name, column.type, value)
    if kind not in _FROM_JSON or value is None:
        return value
    try:
        if type(value) not in _JSON_TYPES.get(kind, (str,)):
            raise ValueError
        return _FROM_JSON[kind](value)
    except (ValueError, InvalidOperation, OverflowError):
        raise RegistrationError(f"{name} is no {kind.__name__}") from None


def _member(name: str, enum: sa.Enum, value: Any) -> Any:
    """Return the value of an enumeration.

    SQLAlchemy stores any text there, and then fails whenever it reads the row.
    """
    members: Mapping[str, Any] = {text: text for text in enum.enums}
    if enum.enum_class is not None:
        members = enum.enum_class.__members__
    if not isinstance(value, str) or value not in members:
        raise RegistrationError(f"{name} is none of {', '.join(members)}")
    return members[value]
