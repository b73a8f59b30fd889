"""Prepare the database, even if several processes start at the same time."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from .data import make_customers, make_orders, make_people
from .models import Customer, db

# The second of two processes that start at once waits until the first commits.
_LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(3030)",
}


def connect() -> None:
    """Set up the database connections of the app."""
    dialect = db.engine.dialect.name
    if dialect not in _LOCKS:
        sys.exit(f"The example runs on SQLite or PostgreSQL, not on {dialect}.")
    if dialect == "sqlite":
        sa.event.listen(db.engine, "connect", _set_up_sqlite)


def prepare() -> None:
    """Create the tables and fill them, unless they exist."""
    connection = db.session.connection()
    connection.execute(sa.text(_LOCKS[connection.dialect.name]))
    if not sa.inspect(connection).has_table(Customer.__tablename__):
        db.metadata.create_all(connection)
        customers = list(make_customers())
        db.session.add_all(customers)
        db.session.flush()  # the customers get their ids
        db.session.add_all(make_orders(customers))
        db.session.add_all(make_people())
    db.session.commit()


def _set_up_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA foreign_keys = ON")
    # If two processes set the mode of the file at once, one is told that the file is
    # locked. The other process has set the mode for both.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
