"""Read the parameters of a request. A wrong one is a 400 that says what is wrong."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import abort, request

MAX_INTEGER = 2**31 - 1
"""The greatest value of PostgreSQL's INTEGER."""

_MAX_LIMIT = 100
_MAX_PAGE = 1_000_000
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "ne": operator.ne,
}


def read_page() -> tuple[int, int]:
    """Return how many records to skip and how many to return."""
    page = _read_number("page", 1, _MAX_PAGE)
    limit = _read_number("limit", 20, _MAX_LIMIT)
    return (page - 1) * limit, limit


def read_condition(model: Any) -> Iterator[Any]:
    """Yield the conditions in the parameter ``filter``.

    It is a JSON object: ``{"status": "paid", "total": {"gte": 5000, "lt": 10000}}``.
    """
    columns = {column.key: column for column in sa.inspect(model).columns}
    for name, wanted in _object(request.args.get("filter", "{}"), "filter").items():
        if name not in columns:
            _refuse(f"filter: unknown field {name!r}; the fields are {_list(columns)}.")
        tests = wanted if isinstance(wanted, dict) else {"": wanted}
        for test, value in tests.items():
            compare = operator.eq if test == "" else _OPERATORS.get(test)
            if compare is None:
                _refuse(
                    f"filter: unknown test {test!r}; the tests are {_list(_OPERATORS)}."
                )
            yield compare(columns[name], _value(columns[name], value))


def read_fields(model: Any, *, all_of_them: bool) -> dict[str, Any]:
    """Return the values of a record in the JSON body.

    :param all_of_them: every field is required, as for a new record.
    """
    columns = {c.key: c for c in sa.inspect(model).columns if not c.primary_key}
    sent = _object(request.get_data(), "The body")
    sent.pop("access_token", None)  # the body may carry the token
    for name in sent:
        if name not in columns:
            _refuse(f"Unknown field {name!r}; the fields are {_list(columns)}.")
    missing = columns.keys() - sent.keys()
    if all_of_them and missing:
        _refuse(f"Fields are missing: {_list(sorted(missing))}.")
    if not sent:
        _refuse(f"Nothing to change; the fields are {_list(columns)}.")
    return {name: _value(columns[name], value) for name, value in sent.items()}


def _value(column: Any, value: Any) -> Any:
    """Convert a JSON value to the type of the column."""
    kind = column.type.python_type
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            _refuse(f"{column.key} must be a date like 2026-01-31.")
    if type(value) is not kind:
        _refuse(f"{column.key} must be a JSON value of type {kind.__name__}.")
    if kind is int and not -MAX_INTEGER <= value <= MAX_INTEGER:
        _refuse(f"{column.key} must be between {-MAX_INTEGER} and {MAX_INTEGER}.")
    if kind is str and not _is_text(value):
        _refuse(f"{column.key} has characters that cannot be stored.")
    return value


def _is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _object(text: str | bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        _refuse(f"{what} is not valid JSON.")
    if not isinstance(value, dict):
        _refuse(f"{what} is not a JSON object.")
    return value


def _read_number(name: str, default: int, greatest: int) -> int:
    text = request.args.get(name, str(default))
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if is_number and 1 <= int(text) <= greatest:
        return int(text)
    _refuse(f"{name} must be a number from 1 to {greatest}.")


def _list(names: Mapping[str, Any] | list[str]) -> str:
    return ", ".join(names)


def _refuse(message: str) -> NoReturn:
    abort(400, message)
