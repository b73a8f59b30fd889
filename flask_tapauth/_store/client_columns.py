"""The columns of the client model, which may be the host's own."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..errors import RegistrationError
from ..models import ClientMixin
from .json_values import from_json, from_text
from .models import resolve_models


class ClientColumns:
    """The columns of the client model, by the name of their attribute.

    They are read at the first use: to inspect the model configures SQLAlchemy's
    mappers, which fails before the host has defined the models it is related to.
    """

    def __init__(self, model: type[ClientMixin]) -> None:
        self._model = model

    @property
    def is_hosts_model(self) -> bool:
        """Whether the host passed a client model of its own."""
        return self._model.__module__ != resolve_models.__module__

    @functools.cached_property
    def of_host(self) -> Sequence[str]:
        """The columns that the host's model adds."""
        return [name for name in self._all if not hasattr(ClientMixin, name)]

    def values_of(self, client: ClientMixin) -> dict[str, Any]:
        """Return the values of the host's columns."""
        return {name: getattr(client, name) for name in self.of_host}

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Convert values from JSON to the types of their columns.

        :raises RegistrationError: a value is not of its column's type.
        """
        known = self._all
        return {
            name: from_json(name, known[name], value) if name in known else value
            for name, value in values.items()
        }

    def read_text(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Convert text to the types of columns; empty text is null.

        :raises RegistrationError: a value is not of its column's type.
        """
        known = self._all
        return {
            name: from_text(name, known[name], text) if name in known else text
            for name, text in values.items()
        }

    def check(self, given: Collection[str]) -> None:
        """:raises RegistrationError: a column is unknown, or lacks its value."""
        for name in given:
            if name not in self._all:
                raise RegistrationError(f"the client model has no column {name!r}")
        for name, column in self._all.items():
            has_default = column.default or column.server_default or column.primary_key
            if name not in given and not column.nullable and not has_default:
                raise RegistrationError(
                    f"the client model's column {name!r} needs a value"
                )

    @functools.cached_property
    def _all(self) -> dict[str, sa.Column[Any]]:
        return {
            attribute.key: column
            for attribute in sa.inspect(self._model).column_attrs
            for column in attribute.columns[:1]
            if isinstance(column, sa.Column)  # others are computed expressions
        }
