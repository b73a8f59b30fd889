"""Make the database ready, however many processes start at the same time."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from .data import make_customers, make_orders, make_people
from .models import Customer, db

# The second of two who start at once waits here until the first has committed.
_LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(3030)",
}


def connect() -> None:
    """Set up the connections that the app is going to make."""
    dialect = db.engine.dialect.name
    if dialect not in _LOCKS:
        sys.exit(f"The example runs on SQLite or PostgreSQL, and not on {dialect}.")
    if dialect == "sqlite":
        sa.event.listen(db.engine, "connect", _set_up_sqlite)


def prepare() -> None:
    """Create the tables and fill them, unless that was done before."""
    connection = db.session.connection()
    connection.execute(sa.text(_LOCKS[connection.dialect.name]))
    if not sa.inspect(connection).has_table(Customer.__tablename__):
        db.metadata.create_all(connection)
        customers = list(make_customers())
        db.session.add_all(customers)
        db.session.flush()  # gives them their ids
        db.session.add_all(make_orders(customers))
        db.session.add_all(make_people())
    db.session.commit()


def _set_up_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA foreign_keys = ON")
    # The mode is the file's. Of two who set it at once one is told that the file is
    # locked, and is served by what the other did.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
