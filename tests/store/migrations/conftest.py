"""A host that keeps its schema with Flask-Migrate, on each of the databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_tapauth import ClientMixin, TapAuth, TokenMixin

Make = Callable[..., TapAuth]


def default_models(db: Any, *, later: bool = False) -> TapAuth:
    """Our models; later, the host's own client with a column more."""
    if not later:
        return TapAuth(db=db)

    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int | None]

    return TapAuth(db=db, client_model=Client)


def custom_models(db: Any, *, later: bool = False) -> TapAuth:
    """The host's own models, with other names and more columns."""

    class Client(ClientMixin, db.Model):
        __tablename__ = "api_client"

        plan: Mapped[str] = mapped_column(sa.String(20), server_default="free")
        if later:
            owner_id: Mapped[int | None]

    class Token(TokenMixin, db.Model):
        __tablename__ = "api_token"

        client_pk: Mapped[int] = mapped_column(
            sa.ForeignKey("api_client.id", ondelete="CASCADE"), index=True
        )
        note: Mapped[str | None] = mapped_column(sa.String(80))

    return TapAuth(db=db, client_model=Client, token_model=Token)


class Host:
    """An app whose tables are made by ``flask db`` only."""

    def __init__(
        self, url: sa.URL, directory: Path, models: Make, *, later: bool = False
    ) -> None:
        class Base(DeclarativeBase):
            pass

        self.url, self.directory, self.models = url, directory, models
        self.db = SQLAlchemy(model_class=Base)
        self.app = Flask("host")
        self.app.config.update(SQLALCHEMY_DATABASE_URI=url, TESTING=True)
        self.db.init_app(self.app)
        self.tapauth = models(self.db, later=later)
        self.tapauth.init_app(self.app)

    def later(self) -> Host:
        """Return the same host after a change of its models."""
        self.close()
        return Host(self.url, self.directory, self.models, later=True)

    def run(self, *arguments: str) -> None:
        """Run ``flask db …``, and assert that it succeeds."""
        # A new one each time: env.py would leave options of the last command in it.
        Migrate(
            self.app,
            self.db,
            directory=str(self.directory),
            compare_server_default=True,
        )
        result = self.app.test_cli_runner().invoke(args=["db", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        self.close()

    def close(self) -> None:
        with self.app.app_context():
            self.db.engine.dispose()

    def scripts(self) -> list[Path]:
        return list((self.directory / "versions").glob("*.py"))

    def columns(self) -> dict[str, set[str]]:
        """Return the tables in the database, and their columns."""
        engine = sa.create_engine(self.url)
        inspector = sa.inspect(engine)
        found = {
            table: {column["name"] for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
        }
        engine.dispose()
        found.pop("alembic_version", None)
        return found


def drop_everything(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    there = sa.MetaData()
    there.reflect(engine)
    there.drop_all(engine)
    engine.dispose()


@pytest.fixture(params=[default_models, custom_models])
def fresh(
    request: pytest.FixtureRequest, database: sa.URL, tmp_path: Path
) -> Iterator[Host]:
    """A host after ``flask db init``, on an empty database."""
    drop_everything(database)
    host = Host(database, tmp_path / "migrations", request.param)
    host.run("init")
    # It configures the logging of the whole process, and disables all loggers.
    env = host.directory / "env.py"
    muting = "fileConfig(config.config_file_name)"
    assert muting in env.read_text()
    env.write_text(env.read_text().replace(muting, ""))
    yield host
    drop_everything(database)


@pytest.fixture
def migrated(fresh: Host) -> Host:
    fresh.run("migrate")
    fresh.run("upgrade")
    return fresh


def tables_of(db: SQLAlchemy) -> dict[str, set[str]]:
    """Return the tables of the models, and their columns."""
    metadatas = db.metadatas.values()
    tables = itertools.chain.from_iterable(m.tables.values() for m in metadatas)
    return {table.name: set(table.columns.keys()) for table in tables}
