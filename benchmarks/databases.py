"""Databases for one run, which are dropped at its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

SERVER: Final = os.environ.get(
    "BENCH_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres"
)
"""Where a superuser can be; another database than those of the run."""

_PREFIX: Final = f"tapauth_bench_{os.getpid()}_"


class Databases:
    """Makes databases on SQLite or PostgreSQL.

    :param kind: ``sqlite`` or ``postgresql``.
    """

    def __init__(self, kind: str, directory: Path) -> None:
        self.kind = kind
        self._directory = directory
        self._made: list[str] = []

    def make(self, name: str) -> str:
        """Make an empty database, and return its URL."""
        if self.kind == "sqlite":
            return f"sqlite:///{self._directory}/{name}.db"
        name = _PREFIX + name.lower()
        _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _administer(f"CREATE DATABASE {name}")
        # As SQLite's, which waits for no disk either: what is compared is the code.
        _administer(f"ALTER DATABASE {name} SET synchronous_commit = off")
        self._made.append(name)
        url = sa.make_url(SERVER).set(database=name)
        return url.render_as_string(hide_password=False)

    def drop(self) -> None:
        for name in self._made:
            _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.clear()

    def pin_backends(self, core: int) -> str | None:
        """Let PostgreSQL serve the open connections on one core.

        :returns: the reason, if it cannot.
        """
        if self.kind == "sqlite":
            return None
        backends = _administer(
            f"SELECT pid FROM pg_stat_activity WHERE starts_with(datname, '{_PREFIX}')"
        )
        for [pid] in backends:
            try:
                os.sched_setaffinity(pid, {core})
            except ProcessLookupError:
                continue  # the connection ended
            except PermissionError:
                return "PostgreSQL ran on any core: only root can pin its processes"
        return None


@contextmanager
def databases(kind: str, directory: Path) -> Iterator[Databases]:
    made = Databases(kind, directory)
    try:
        yield made
    finally:
        made.drop()


def _administer(statement: str) -> list[Any]:
    engine = sa.create_engine(
        SERVER, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        result = connection.execute(sa.text(statement))
        return list(result) if result.returns_rows else []


def version() -> str:
    """Return the version of PostgreSQL."""
    [[version]] = _administer("SHOW server_version")
    return str(version)
