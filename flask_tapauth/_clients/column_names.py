"""Refuse unknown arguments, and suggest the name that was probably meant."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Iterable

from .._store import Store
from ..errors import RegistrationError
from .argument_checks import COLUMNS
from .registration import Registration

_ARGUMENTS = [
    field.name for field in dataclasses.fields(Registration) if field.name != "columns"
]
_ARGUMENT_OF_COLUMN = {column: argument for argument, column in COLUMNS.items()}


def check_column_names(
    names: Iterable[str], store: Store, our_names: Collection[str] = _ARGUMENTS
) -> None:
    """Check that names are columns which the host's model adds.

    :param our_names: other names that the caller may have misspelt.
    """
    host_columns = store.client_columns.of_host
    for name in names:
        if name in host_columns:
            continue
        near = difflib.get_close_matches(name, [*our_names, *host_columns], n=1)
        argument = _ARGUMENT_OF_COLUMN.get(name)
        if argument in our_names:
            hint = f"did you mean {argument}?"
        elif near:
            hint = f"did you mean {near[0]}?"
        elif store.client_columns.is_hosts_model:
            columns = ", ".join(host_columns) or "none"
            hint = f"the columns of your client model are {columns}"
        else:
            hint = "to add columns to clients, give TapAuth your own client_model"
        raise RegistrationError(f"there is no {name!r}; {hint}")
