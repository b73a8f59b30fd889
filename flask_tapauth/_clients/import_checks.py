"""Check all clients of a file, before any of them is stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from .._store import Store
from ..errors import ImportRefusedError, RegistrationError
from .argument_checks import ArgumentChecks
from .column_names import check_column_names
from .import_file import split_file
from .import_line import MEMBERS, read_line
from .new_client import NewClient, check_new_client

_KIND = "kind"
"""A member that `clients list` prints, unless it is a column of the host's: the id says
the same."""

_MEMBER_OF_ARGUMENT = {"name": "client_name", "scopes": "scope"}
"""The members whose name differs from the argument's."""


def check_file(
    lines: Iterable[bytes], checks: ArgumentChecks, store: Store
) -> dict[int, NewClient]:
    """Return the clients to store, by the number of their first line.

    :raises ImportRefusedError: some lines are wrong; it lists all of them.
    :raises RegistrationError: the file has no client.
    """
    checked: dict[int, NewClient] = {}
    faults: dict[int, str] = {}
    line_of: dict[str, int] = {}
    for number, text in split_file(lines):
        try:
            registration, kept_columns = read_line(text)
            client_id = registration.client_id
            if client_id in line_of:
                raise RegistrationError(
                    f"client id {client_id!r} is that of line {line_of[client_id]}"
                )
            if client_id is not None:
                line_of[client_id] = number
            columns = dict(registration.columns)
            if _KIND not in store.client_columns.of_host:
                columns.pop(_KIND, None)
            host_columns = store.client_columns.read(columns)
            check_column_names(host_columns, store, MEMBERS)
            new = check_new_client(
                checks,
                dataclasses.replace(registration, columns=host_columns),
                is_import=True,
            )
            new.columns.update(kept_columns)
            store.client_columns.check(new.columns)
            checked[number] = new
        except RegistrationError as error:
            # The file has members, and not arguments.
            member = _MEMBER_OF_ARGUMENT.get(error.argument or "", error.argument)
            faults[number] = f"{member}: {error.reason}" if member else error.reason
    if not checked and not faults:
        raise RegistrationError("the file has no client in it")
    numbers = {new.client_id: number for number, new in checked.items()}
    for client_id in store.clients.find_taken(numbers):
        faults[numbers[client_id]] = f"client id {client_id!r} is taken"
    if faults:
        raise ImportRefusedError(faults)
    return checked
