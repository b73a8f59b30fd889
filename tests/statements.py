"""Record the statements that an app sends to its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy


@contextmanager
def statements(
    app: Flask, db: SQLAlchemy, bind_key: str | None = None
) -> Iterator[list[str]]:
    """Return a list to which each statement is appended while the block runs."""
    sent: list[str] = []

    def record(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engines[bind_key]
    sa.event.listen(engine, "before_cursor_execute", record)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", record)
