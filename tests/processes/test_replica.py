"""Tokens are issued on the primary, and looked up on a replica that may be behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth
from flask_tapauth.errors import ConfigError

from ..conftest import MakeApp
from ..services import administering
from .conftest import NewDatabase, NewWire, statements, through
from .two_apps import Grants, disable, revoke, status
from .wire import Wire

Replicate = Callable[[], None]


@pytest.fixture(scope="module")
def replica(new_database: NewDatabase) -> sa.URL:
    """A database that takes no writes, as replicas do not."""
    url = new_database("postgresql")
    with administering(url) as server:
        server.exec_driver_sql(
            f"ALTER DATABASE {url.database} SET default_transaction_read_only = on"
        )
    return url


@pytest.fixture
def wire(new_wire: NewWire, replica: sa.URL) -> Wire:
    return new_wire(replica.port or 0)


@pytest.fixture
def make_host(
    wire: Wire, make_app: MakeApp, postgresql: sa.URL, replica: sa.URL
) -> MakeApp:
    def make(**settings: object) -> Flask:
        return make_app(
            SQLALCHEMY_DATABASE_URI=postgresql,
            SQLALCHEMY_BINDS={"replica": through(replica, wire)},
            TAPAUTH_REPLICA_BIND="replica",
            **settings,
        )

    return make


@pytest.fixture
def host(make_host: MakeApp) -> Flask:
    return make_host()


@pytest.fixture
def grants(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, replicate: Replicate
) -> Grants:
    """Tokens that the replica has not heard of; its tables are there."""
    replicate()
    return Grants(host, tapauth, db)


@pytest.fixture
def replicate(db: SQLAlchemy, postgresql: sa.URL, replica: sa.URL) -> Replicate:
    """Bring the replica up to date."""

    def replicate() -> None:
        primary = sa.create_engine(postgresql, poolclass=sa.NullPool)
        behind = sa.create_engine(
            replica,
            poolclass=sa.NullPool,
            connect_args={"options": "-c default_transaction_read_only=off"},
        )
        db.metadata.drop_all(behind)
        db.metadata.create_all(behind)
        with primary.connect() as source, behind.begin() as target:
            for table in db.metadata.sorted_tables:
                rows = [dict(row._mapping) for row in source.execute(table.select())]
                if rows:
                    target.execute(table.insert(), rows)

    return replicate


def test_a_token_is_looked_up_on_the_replica_alone(
    host: Flask, db: SQLAlchemy, grants: Grants, replicate: Replicate
) -> None:
    """Issue 5: a read replica takes the checks off the primary."""
    replicate()

    with (
        statements(host, db) as on_primary,
        statements(host, db, "replica") as on_replica,
    ):
        assert status(host, grants.token) == 200

    assert on_primary == []
    assert [statement.split()[0] for statement in on_replica] == ["SELECT"]


def test_a_replica_that_lags_costs_one_look_up_on_the_primary(
    host: Flask, db: SQLAlchemy, grants: Grants
) -> None:
    """Issue 5: a token that was issued a moment ago opens at once."""
    with (
        statements(host, db) as on_primary,
        statements(host, db, "replica") as on_replica,
    ):
        assert status(host, grants.token) == 200

    heard = [*on_replica, *on_primary]
    assert [statement.split()[0] for statement in heard] == ["SELECT", "SELECT"]


def test_a_token_that_neither_knows_is_refused(
    host: Flask, db: SQLAlchemy, grants: Grants
) -> None:
    """Issue 5: one retry, and no third."""
    grants.administer(lambda state: state.clients.delete(grants.client))

    with statements(host, db) as heard:
        assert status(host, grants.token) == 401

    assert len(heard) == 1


def test_everything_else_is_done_on_the_primary(
    host: Flask, db: SQLAlchemy, grants: Grants, replicate: Replicate
) -> None:
    """Issue 5: a replica takes no writes, and what decides on one is not read there."""
    replicate()

    with statements(host, db, "replica") as on_replica:
        renewal = {"grant_type": "refresh_token", "refresh_token": grants.refresh}
        assert grants.post("token", **renewal).status_code == 200
        disable(grants)
        assert grants.post("token", **renewal).status_code == 401

    assert on_replica == []


def test_a_revocation_reaches_the_replica_as_fast_as_any_row(
    host: Flask, grants: Grants, replicate: Replicate
) -> None:
    """Issue 5: documented; how far a replica lags is the host's to watch."""
    replicate()
    revoke(grants)

    replicate()

    assert status(host, grants.token) == 401


@pytest.mark.parametrize("change", [revoke, disable])
def test_where_a_cache_is_no_lagging_replica_brings_a_token_back(
    make_host: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    replicate: Replicate,
    change: Callable[[Grants], str],
) -> None:
    """Issue 5: the replica is not asked, so nothing older than the primary counts."""
    cache = Cache(config={"CACHE_TYPE": "SimpleCache"})
    host = make_host(TAPAUTH_CACHE=cache)
    cache.init_app(host)
    grants = Grants(host, tapauth, db)
    replicate()

    with statements(host, db, "replica") as on_replica:
        assert [status(host, grants.token) for _ in range(2)] == [200] * 2
        change(grants)
        assert [status(host, grants.token) for _ in range(2)] == [401] * 2

    assert on_replica == []


def test_a_replica_that_is_down_leaves_the_primary(
    host: Flask, grants: Grants, replicate: Replicate, wire: Wire
) -> None:
    """Issue 5: one failed attempt, and then the database that knows best."""
    replicate()
    assert status(host, grants.token) == 200

    wire.cut()
    down = [status(host, grants.token) for _ in range(3)]
    wire.mend()

    assert down == [200] * 3


def test_a_replica_that_is_back_is_asked_again(
    host: Flask, db: SQLAlchemy, grants: Grants, replicate: Replicate, wire: Wire
) -> None:
    """Issue 5: recovery without a restart."""
    replicate()
    status(host, grants.token)
    wire.cut()
    status(host, grants.token)
    wire.mend()

    with statements(host, db, "replica") as heard:
        assert status(host, grants.token) == 200

    assert len(heard) == 1


def test_a_bind_key_that_is_none_stops_the_start(make_app: MakeApp) -> None:
    """The contract: a value that cannot work stops init_app, and names the setting."""
    with pytest.raises(ConfigError, match="TAPAUTH_REPLICA_BIND"):
        make_app(TAPAUTH_REPLICA_BIND="nowhere")
