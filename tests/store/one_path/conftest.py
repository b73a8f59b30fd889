"""Hosts of all kinds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from ...services import own_database
from .hosts import Host, NewDatabase
from .kinds import KINDS


@pytest.fixture
def new_database(tmp_path: Path) -> Iterator[NewDatabase]:
    """Make an empty database on a server, or in a file."""
    numbers = itertools.count()
    with ExitStack() as made:

        def make(kind: str) -> sa.URL:
            directory = tmp_path / str(next(numbers))
            directory.mkdir()
            return made.enter_context(own_database(kind, directory))

        yield make


@pytest.fixture(params=[*KINDS])
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    with KINDS[request.param](new_database) as host:
        yield host
    host.close()
