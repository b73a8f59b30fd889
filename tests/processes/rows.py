"""Count rows in the database of an app whose own connections can be cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from .conftest import NewWire, through
from .two_apps import Grants
from .wire import Wire

TABLES = ("client", "family", "refresh_token", "token")


def count_rows(database: sa.URL) -> dict[str, int]:
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(
                f"SELECT count(*) FROM tapauth_{table}"  # noqa: S608 - our own names
            ).scalar_one()
            for table in TABLES
        }


def renew(grants: Grants) -> int:
    renewal = {"grant_type": "refresh_token", "refresh_token": grants.refresh}
    return grants.post("token", **renewal).status_code


@pytest.fixture
def wire(new_wire: NewWire, postgresql: sa.URL) -> Wire:
    return new_wire(postgresql.port or 0)


@pytest.fixture
def host(
    wire: Wire, make_app: MakeApp, db: SQLAlchemy, postgresql: sa.URL
) -> Iterator[Flask]:
    host = make_app(SQLALCHEMY_DATABASE_URI=through(postgresql, wire))
    yield host
    wire.mend()
    with host.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def grants(host: Flask, tapauth: TapAuth, db: SQLAlchemy) -> Grants:
    return Grants(host, tapauth, db)
