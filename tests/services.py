"""The services of this machine, and databases of the tests' own on them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from .ports import HOST, free_port

SERVERS = {
    "postgresql": f"postgresql+psycopg://postgres@{HOST}:5432/postgres",
    "mariadb": f"mysql+pymysql://root@{HOST}:3306/mysql",
}


@contextmanager
def own_database(kind: str, directory: Path) -> Iterator[sa.URL]:
    """Make an empty database, on a server or in a file, and let it go afterwards."""
    if kind == "sqlite":
        yield sa.make_url(f"sqlite:///{directory}/host.db")
        return
    name = f"tapauth_test_{os.getpid()}_{secrets.token_hex(4)}"
    url = sa.make_url(SERVERS[kind])
    try:
        with administering(url) as server:
            server.exec_driver_sql(f"CREATE DATABASE {name}")
    except sa.exc.OperationalError:
        skip_outside_ci(f"{kind} is out of reach")
    try:
        yield url.set(database=name)
    finally:
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        with administering(url) as server:
            server.exec_driver_sql(f"DROP DATABASE {name}{force}")


@contextmanager
def administering(url: sa.URL) -> Iterator[sa.Connection]:
    """A connection to the server of a database, and not to that one."""
    server = next(u for u in SERVERS.values() if u.startswith(url.drivername))
    engine = sa.create_engine(
        server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        yield connection


def out_of_reach(database: sa.URL) -> sa.URL:
    """The same database, where nothing answers."""
    if database.drivername.startswith("sqlite"):
        return database.set(database=f"{database.database}.no/such/directory.db")
    return database.set(port=free_port())


def skip_outside_ci(reason: str) -> None:
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)
