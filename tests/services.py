"""The services of this machine, and new databases on them."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa

from .ports import HOST, free_port

SERVERS = {
    "postgresql": f"postgresql+psycopg://postgres@{HOST}:5432/postgres",
    "mariadb": f"mysql+pymysql://root@{HOST}:3306/mysql",
}

REDIS_PORT = 6379

NEEDED_SERVICES = {
    "PostgreSQL": (5432, "tests of PostgreSQL, of several processes and of caches"),
    "MariaDB": (3306, "tests of MariaDB"),
    "Redis": (REDIS_PORT, "tests of the Redis channel"),
}
"""The port of each service, and what is skipped without it."""

NEEDED_PROGRAMS = {
    "chromium": "tests/example/browser",
    "nginx": "tests behind nginx",
    "varnishd": "tests behind Varnish",
    "apache2": "tests under Apache",
    "node": "tests of libraries for JavaScript",
}
"""What is skipped without each program."""


def describe_needs() -> list[str]:
    """Return which services and programs are here, and what is skipped without them."""
    folders = (Path(sys.executable).parent, os.environ.get("PATH", ""), "/usr/sbin")
    path = os.pathsep.join(map(str, folders))
    is_here = {name: is_listening(port) for name, (port, _) in NEEDED_SERVICES.items()}
    is_here |= {name: bool(shutil.which(name, path=path)) for name in NEEDED_PROGRAMS}
    tests = {name: what for name, (_, what) in NEEDED_SERVICES.items()}
    tests |= NEEDED_PROGRAMS
    outcome = "fails" if os.environ.get("CI") else "skipped"
    found = ", ".join(name for name, here in is_here.items() if here) or "nothing"
    missing = [name for name, here in is_here.items() if not here]
    return [
        f"needed and found: {found}",
        *(f"needed and missing: {name}; {outcome}: {tests[name]}" for name in missing),
    ]


def is_listening(port: int) -> bool:
    """Return whether a service of this machine accepts connections."""
    try:
        socket.create_connection((HOST, port), timeout=0.2).close()
    except OSError:
        return False
    return True


@contextmanager
def own_database(kind: str, directory: Path) -> Iterator[sa.URL]:
    """Make an empty database, on a server or in a file, and drop it afterwards."""
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
    """Return the URL of the database at a place where nothing answers."""
    if database.drivername.startswith("sqlite"):
        return database.set(database=f"{database.database}.no/such/directory.db")
    return database.set(port=free_port())


def skip_outside_ci(reason: str) -> NoReturn:
    """Skip a test that needs a missing service or program; in CI, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
