"""Refuse unknown arguments, and suggest the name that was probably meant."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Iterable, Sequence

from .._store import Store
from ..errors import RegistrationError
from .argument_checks import COLUMNS
from .registration import Registration

ARGUMENTS = [
    field.name for field in dataclasses.fields(Registration) if field.name != "columns"
]
"""The arguments of a registration that we have a column, or a use, for."""

_ARGUMENT_OF_COLUMN = {column: argument for argument, column in COLUMNS.items()}


def check_column_names(
    names: Iterable[str], store: Store, our_names: Collection[str] = ARGUMENTS
) -> None:
    """Check that names are columns which the host's model adds.

    :param our_names: other names that the caller may have misspelt.
    :raises RegistrationError: a name is unknown; the message suggests another.
    """
    host_columns = store.client_columns.of_host
    for name in names:
        if name not in host_columns:
            raise RegistrationError(
                _explain(
                    name, host_columns, our_names, store.client_columns.is_hosts_model
                )
            )


def _explain(
    name: str,
    host_columns: Sequence[str],
    our_names: Collection[str],
    is_hosts_model: bool,
) -> str:
    argument = _ARGUMENT_OF_COLUMN.get(name)
    if argument is not None and argument in our_names:
        near = [argument]
    else:
        near = difflib.get_close_matches(name, [*our_names, *host_columns], n=1)
    if near:
        return f"there is no {name!r}; did you mean {near[0]}?"
    if not is_hosts_model:
        return (
            f"there is no {name!r}; to add columns to clients, give TapAuth your own "
            "client_model"
        )
    return (
        f"there is no {name!r}; the columns of your client model are "
        f"{', '.join(host_columns) or 'none'}"
    )
