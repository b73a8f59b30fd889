"""Databases for single tests, and wires to their servers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from .. import ROOT
from ..services import administering, own_database
from .wire import Wire

NewDatabase = Callable[[str], sa.URL]
NewWire = Callable[[int], Wire]


@pytest.fixture(scope="package")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Make an empty database on a server, or in a file."""
    with ExitStack() as made:

        def make(kind: str) -> sa.URL:
            directory = tmp_path_factory.mktemp("database")
            return made.enter_context(own_database(kind, directory))

        yield make


@pytest.fixture(scope="package")
def postgresql(new_database: NewDatabase) -> sa.URL:
    return new_database("postgresql")


@pytest.fixture
def new_wire() -> Iterator[NewWire]:
    """Make a wire to the port of a server."""
    laid: list[Wire] = []

    def lay(port: int) -> Wire:
        laid.append(Wire(port))
        return laid[-1]

    yield lay
    for wire in laid:
        wire.close()


def through(url: sa.URL, wire: Wire) -> sa.URL:
    """Return the URL of the same database at the other end of a wire."""
    return url.set(port=wire.port)


def backends(url: sa.URL) -> list[tuple[int, str]]:
    """Return the connections of a PostgreSQL database: process ids and states."""
    question = "SELECT pid, state FROM pg_stat_activity WHERE datname = %s"
    with administering(url) as server:
        rows = server.exec_driver_sql(question, (url.database,))
        return [(pid, state) for pid, state in rows]


def terminate_backends(url: sa.URL, but: int = 0) -> int:
    """End all connections of a PostgreSQL database, as a restart does.

    :param but: the process id of one that stays.
    """
    order = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> %s"
    )
    with administering(url) as server:
        return len(server.exec_driver_sql(order, (url.database, but)).all())


def new_environment(**variables: str) -> dict[str, str]:
    """Return the environment for servers: our Python and package, no other settings."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"]
    return {"PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT), **variables}
