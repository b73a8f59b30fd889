"""Compare the database with the models, for an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .._base.shown import shown_without
from .database_errors import driver_message
from .models import Models


class DatabaseFaultError(Exception):
    """The database cannot be used; the message says why, without a password."""


class Schema:
    """The tables that the database has, read in sessions of the host's kind."""

    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._models = models

    def server(self) -> tuple[str, bool]:
        """Return the kind of the database, and whether it is in memory only.

        :raises DatabaseFaultError: it cannot be used.
        """
        with self._connect(self._models.client) as connection:
            connection.execute(sa.select(1))
            engine = connection.engine
        in_memory = engine.url.database in (None, "", ":memory:")
        return engine.name, engine.name == "sqlite" and in_memory

    def missing(self) -> list[str]:
        """Return the tables of the models, and the columns, that the database lacks.

        :raises DatabaseFaultError: it cannot be used.
        """
        missing: list[str] = []
        for model in self._models:
            table: Any = sa.inspect(model).local_table
            with self._connect(model) as connection:
                options = connection.get_execution_options()
                schemas = options.get("schema_translate_map") or {}
                schema = schemas.get(table.schema, table.schema)
                inspector = sa.inspect(connection)
                if not inspector.has_table(table.name, schema):
                    missing.append(table.name)
                    continue
                found = {
                    each["name"] for each in inspector.get_columns(table.name, schema)
                }
            missing += [
                f"{table.name}.{column.name}"
                for column in table.columns
                if column.name not in found
            ]
        return missing

    @contextmanager
    def _connect(self, model: Any) -> Iterator[sa.Connection]:
        bind_arguments = {"mapper": sa.inspect(model)}
        try:
            with self._db.session.session_factory() as session:
                yield session.connection(bind_arguments=bind_arguments)
        except exc.SQLAlchemyError as error:
            passwords = [engine.url.password for engine in self._db.engines.values()]
            reason = shown_without(driver_message(error), passwords)
            raise DatabaseFaultError(reason) from None
