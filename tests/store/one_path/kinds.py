"""The kinds of hosts, each made on empty databases of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import pool

from flask_tapauth import ClientMixin, TokenMixin

from .hosts import Host, Kind, NewDatabase, on
from .tenants import (
    by_criteria,
    by_get_bind,
    by_search_path,
    in_a_class,
    in_after_begin,
    in_before_cursor_execute,
    in_begin,
    in_do_orm_execute,
    tenant,
)


def plain(kind: str, **options: Any) -> Kind:
    """A host with a database and engine options, and nothing else."""

    @contextmanager
    def make(new: NewDatabase) -> Iterator[Host]:
        host = Host(SQLAlchemy(), on(new(kind), **options))
        host.make_tables()
        yield host

    return make


def in_memory(_: NewDatabase) -> Any:
    return plain("", poolclass=pool.StaticPool)(lambda _: sa.make_url("sqlite://"))


def by_itself(url: sa.URL) -> Callable[[], Any]:
    """Connect to MariaDB without the flags that SQLAlchemy sets."""
    return lambda: pymysql.connect(
        host=url.host, user=url.username, database=url.database
    )


@contextmanager
def with_creator(new: NewDatabase) -> Iterator[Host]:
    url = new("mariadb")
    host = Host(SQLAlchemy(), on(url, creator=by_itself(url)))
    host.make_tables()
    yield host


@contextmanager
def on_bind_key(new: NewDatabase) -> Iterator[Host]:
    db: Any = SQLAlchemy()

    class Client(ClientMixin, db.Model):
        __bind_key__ = "auth"

    class Token(TokenMixin, db.Model):
        __bind_key__ = "auth"

    nowhere = sa.make_url("sqlite:////no/such/directory.db")
    settings = {**on(nowhere), "SQLALCHEMY_BINDS": {"auth": new("sqlite")}}
    host = Host(db, settings, client_model=Client, token_model=Token)
    host.make_tables()
    yield host


@contextmanager
def with_info(new: NewDatabase) -> Iterator[Host]:
    """A host that stores something in the `info` of each session."""
    db = SQLAlchemy(session_options={"info": {"noted": True}})
    host = Host(db, on(new("sqlite")))
    host.make_tables()
    yield host


def listening(name: str) -> Kind:
    """A host that runs a statement at each connection's beginning, or use."""

    @contextmanager
    def make(new: NewDatabase) -> Iterator[Host]:
        host = Host(SQLAlchemy(), on(new("postgresql")))
        host.make_tables()

        def run(connection: Any, *_: Any) -> None:
            if name == "engine_connect":
                connection.exec_driver_sql("SELECT 1")
                connection.commit()  # older versions of SQLAlchemy need it
            else:
                connection.cursor().execute("SELECT 1")

        with host.app.app_context():
            sa.event.listen(host.db.engine, name, run)
            host.db.engine.dispose()
        yield host

    return make


@contextmanager
def in_a_transaction(new: NewDatabase) -> Iterator[Host]:
    """A test suite that joins all sessions into one transaction, to roll it back."""
    url = new("postgresql")
    host = Host(SQLAlchemy(), on(url))
    host.make_tables()
    with host.app.app_context():
        engine = host.db.engine
        engines: Any = host.db.engines
        host.db.session.configure(join_transaction_mode="create_savepoint")
        with engine.connect() as connection, connection.begin() as transaction:
            engines[None] = connection
            yield host
            transaction.rollback()
        host.db.session.remove()
        engines[None] = engine
        for table in ("client", "token"):
            count = sa.text(f"SELECT count(*) FROM tapauth_{table}")  # noqa: S608
            assert host.db.session.scalar(count) == 0


KINDS: dict[str, Kind] = {
    "plain on SQLite": plain("sqlite"),
    "plain on PostgreSQL": plain("postgresql"),
    "plain on MariaDB": plain("mariadb"),
    "bind key": on_bind_key,
    "get_bind by header": by_get_bind(lambda _: tenant()),
    "get_bind by session.info": by_get_bind(lambda session: session.info["tenant"]),
    "SET LOCAL in after_begin": by_search_path(in_after_begin),
    "SET LOCAL in do_orm_execute": by_search_path(in_do_orm_execute),
    "SET LOCAL in begin": by_search_path(in_begin),
    "SET LOCAL in before_cursor_execute": by_search_path(in_before_cursor_execute),
    "SET LOCAL in a session's class": by_search_path(in_a_class),
    "with_loader_criteria": by_criteria,
    "creator": with_creator,
    "info of its own": with_info,
    "a statement at connect": listening("connect"),
    "a statement at checkout": listening("checkout"),
    "a statement at engine_connect": listening("engine_connect"),
    "StaticPool": plain("postgresql", poolclass=pool.StaticPool),
    "SingletonThreadPool": plain("sqlite", poolclass=pool.SingletonThreadPool),
    "a database in memory": in_memory,
    "a transaction from outside": in_a_transaction,
    "SERIALIZABLE": plain("postgresql", isolation_level="SERIALIZABLE"),
    "SERIALIZABLE on MariaDB": plain("mariadb", isolation_level="SERIALIZABLE"),
    "REPEATABLE READ": plain("postgresql", isolation_level="REPEATABLE READ"),
    "a pool of one": plain("postgresql", pool_size=1, max_overflow=0, pool_timeout=1),
}
ONE_CONNECTION = [
    "StaticPool",
    "SingletonThreadPool",
    "a database in memory",
    "a transaction from outside",
    "a pool of one",
]
SEVERAL_TENANTS = [
    "get_bind by header",
    "get_bind by session.info",
    "SET LOCAL in after_begin",
    "SET LOCAL in do_orm_execute",
    "SET LOCAL in begin",
    "SET LOCAL in before_cursor_execute",
    "SET LOCAL in a session's class",
    "with_loader_criteria",
]
