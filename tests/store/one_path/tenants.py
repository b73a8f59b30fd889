"""Hosts that serve several tenants."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import abort, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import pool
from sqlalchemy.orm import ORMExecuteState, mapped_column, with_loader_criteria

from flask_tapauth import ClientMixin

from ...services import administering
from .hosts import Host, Kind, NewDatabase, on

TENANTS = ("one", "two")


def tenant() -> str:
    return request.headers.get("X-Tenant") or abort(400)


def by_get_bind(find_tenant: Callable[[Session], str]) -> Kind:
    """A host with a database for each tenant."""

    class TenantSession(Session):
        def get_bind(self, *_: Any, bind: Any = None, **__: Any) -> Any:
            return bind or self._db.engines[find_tenant(self)]

    @contextmanager
    def make(new: NewDatabase) -> Iterator[Host]:
        db = SQLAlchemy(session_options={"class_": TenantSession})
        binds = {name: new("sqlite") for name in TENANTS}
        host = Host(db, {"SQLALCHEMY_BINDS": binds}, tenants=TENANTS)

        @host.app.before_request
        def note() -> None:
            db.session.info["tenant"] = tenant()

        host.make_tables()
        yield host

    return make


def set_local(session: Any) -> None:
    session.connection().exec_driver_sql(f"SET LOCAL search_path TO {tenant()}")


class ChoosingSession(Session):
    """Chooses the schema before each statement."""

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        set_local(self)
        return super().execute(*args, **kwargs)

    def scalars(self, *args: Any, **kwargs: Any) -> Any:
        set_local(self)
        return super().scalars(*args, **kwargs)

    def scalar(self, *args: Any, **kwargs: Any) -> Any:
        set_local(self)
        return super().scalar(*args, **kwargs)


def in_after_begin(host: Host) -> None:
    def choose(_: object, __: object, connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL search_path TO {tenant()}")

    sa.event.listen(host.db.session, "after_begin", choose)


def in_do_orm_execute(host: Host) -> None:
    sa.event.listen(
        host.db.session, "do_orm_execute", lambda asked: set_local(asked.session)
    )


def in_begin(host: Host) -> None:
    def choose(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL search_path TO {tenant()}")

    with host.app.app_context():
        sa.event.listen(host.db.engine, "begin", choose)


def in_before_cursor_execute(host: Host) -> None:
    def choose(_: object, cursor: Any, *__: object) -> None:
        cursor.execute(f"SET LOCAL search_path TO {tenant()}")

    with host.app.app_context():
        sa.event.listen(host.db.engine, "before_cursor_execute", choose)


def in_a_class(_: Host) -> None:
    """Do nothing, because `ChoosingSession` chooses."""


def by_search_path(listen: Callable[[Host], None]) -> Kind:
    return functools.partial(_by_search_path, listen)


@contextmanager
def _by_search_path(listen: Callable[[Host], None], new: NewDatabase) -> Iterator[Host]:
    """A host with a schema for each tenant; the default is the first tenant's."""
    url = new("postgresql")
    options = {"class_": ChoosingSession} if listen is in_a_class else {}
    host = Host(SQLAlchemy(session_options=options), on(url), tenants=TENANTS)
    admin = sa.create_engine(url, poolclass=pool.NullPool)
    for name in TENANTS:
        with admin.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
            connection.exec_driver_sql(f"SET LOCAL search_path TO {name}")
            host.tapauth.Client.metadata.create_all(connection)
    with administering(url) as server:
        server.exec_driver_sql(f"ALTER DATABASE {url.database} SET search_path TO one")

    listen(host)
    yield host


@contextmanager
def by_criteria(new: NewDatabase) -> Iterator[Host]:
    """A host that keeps the clients of other tenants out of its sessions."""
    db: Any = SQLAlchemy()

    class Client(ClientMixin, db.Model):
        tenant = mapped_column(sa.String(20), nullable=False)

    def keep_out(asked: ORMExecuteState) -> None:
        if not asked.is_column_load:
            theirs = with_loader_criteria(Client, Client.tenant == tenant())
            asked.statement = asked.statement.options(theirs)

    host = Host(db, on(new("sqlite")), tenants=TENANTS, client_model=Client)
    host.tenant_columns = ("tenant",)
    host.make_tables()
    sa.event.listen(db.session, "do_orm_execute", keep_out)
    yield host
