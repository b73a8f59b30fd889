"""What all Flask apps here have: a database, and a way to fill it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase

DATABASE_URL: Final = os.environ.get("BENCH_DATABASE_URL", "sqlite://")
SCOPE: Final = "orders:read"
LIFETIME: Final = 24 * 3600
"""Seconds; no token expires while it is measured."""


class Base(DeclarativeBase):
    pass


def make_host() -> tuple[Flask, SQLAlchemy]:
    """Return an app with Flask-SQLAlchemy."""
    app, db = Flask("host"), SQLAlchemy(model_class=Base)
    app.config["SQLALCHEMY_DATABASE_URI"] = DATABASE_URL
    db.init_app(app)
    return app, db


def insert(db: SQLAlchemy, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, and commit."""
    for start in range(0, len(rows), 10_000):
        db.session.execute(sa.insert(model), rows[start : start + 10_000])
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(sa.text("VACUUM ANALYZE"))


@event.listens_for(sa.Engine, "connect")
def _set_pragmas(connection: object, _: object) -> None:
    # WAL, and the safety that SQLite's manual advises with it.
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
