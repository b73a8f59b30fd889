"""The checks of the database, of its tables, and of the channel of the cache."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import MakeApp
from ...ports import free_port
from ...services import out_of_reach, own_database
from .conftest import GOOD, Examine, examine

NEED_THE_DATABASE = ("expired_rows", "expiring_secrets", "unused_clients")


def test_a_database_that_answers_is_ok(make_app: MakeApp, database: sa.URL) -> None:
    """SQLite in a file, PostgreSQL and MariaDB, with all tables."""
    report = examine(make_app(**GOOD, SQLALCHEMY_DATABASE_URI=database))

    assert report["database"].level == "ok"
    assert report["tables"].level == "ok"


def test_a_database_in_memory_is_a_warning(make_app: MakeApp) -> None:
    """Each worker would have tokens of its own."""
    app = make_app(**GOOD, SQLALCHEMY_DATABASE_URI="sqlite://")
    found = examine(app)["database"]

    assert (found.level, "in memory" in found.message) == ("warning", True)


def test_a_database_out_of_reach_is_named_once(
    unready: Examine, database: sa.URL
) -> None:
    """What needs the database is not tried, and no password is shown."""
    url = out_of_reach(database)
    if url.host:
        url = url.set(password="hunter2")
    report = unready(SQLALCHEMY_DATABASE_URI=url)

    assert report["database"].level == "error"
    assert "cannot be used" in report["database"].message
    for check in ("tables", *NEED_THE_DATABASE):
        assert report[check].message == "Not checked: the database must work first."
        assert report[check].level == "warning"
    assert report.exit_code == 1
    assert "hunter2" not in str(report)


def test_a_password_in_the_drivers_message_is_hidden(
    unready: Examine, tmp_path: Path
) -> None:
    """PostgreSQL's driver repeats what it cannot read, the password among it."""
    with own_database("postgresql", tmp_path) as url:
        # libpq reads this as options, and names the one that it does not know.
        options = {"connect_args": {"options": "-c hunter2=1"}}
        report = unready(
            SQLALCHEMY_DATABASE_URI=url.set(password="hunter2"),
            SQLALCHEMY_ENGINE_OPTIONS=options,
        )

    assert report["database"].level == "error"
    assert "***" in report["database"].message
    assert "hunter2" not in str(report)


def test_missing_tables_are_an_error(unready: Examine) -> None:
    """Before the first migration."""
    report = unready()

    assert report["database"].level == "ok"
    assert report["tables"].level == "error"
    for name in ("tapauth_client, tapauth_token, ", "tapauth_event", "db upgrade"):
        assert name in report["tables"].message
    assert {report[check].level for check in NEED_THE_DATABASE} == {"warning"}


def test_a_missing_column_is_an_error(
    make_app: MakeApp, db: SQLAlchemy, database: sa.URL
) -> None:
    """After an upgrade whose migration did not run."""
    app = make_app(**GOOD, SQLALCHEMY_DATABASE_URI=database)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE tapauth_client DROP COLUMN disabled_at")

    found = examine(app)["tables"]

    assert found.level == "error"
    assert "lacks tapauth_client.disabled_at." in found.message


def test_no_cache_is_ok(examined: Examine) -> None:
    """Without a cache, any number of processes agree."""
    found = examined()["cache"]

    assert (found.level, "not set" in found.message) == ("ok", True)


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[sa.URL]:
    with own_database("postgresql", tmp_path) as url:
        yield url


@pytest.mark.parametrize("cache", ["database", "redis://127.0.0.1:6379/0"])
def test_a_channel_is_proven(postgresql: sa.URL, make_app: MakeApp, cache: str) -> None:
    """A message is sent and received, as between two processes."""
    app = make_app(**GOOD, SQLALCHEMY_DATABASE_URI=postgresql, TAPAUTH_CACHE=cache)

    found = examine(app)["cache"]

    assert (found.level, "came through" in found.message) == ("ok", True), found


def test_a_broken_channel_is_an_error(examined: Examine) -> None:
    """Nobody listens there; the message names neither URL nor password."""
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    report = examined(TAPAUTH_CACHE=url)

    assert report["cache"].level == "error"
    assert "no message came through (" in report["cache"].message
    assert "hunter2" not in str(report)


class ByTenant(Session):
    """Sessions that could choose their database by request."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_bind(*args, **kwargs)


def test_a_cache_that_the_sessions_do_not_allow_is_an_error(tmp_path: Path) -> None:
    """how-to/running: where db.init_app comes last, each request would fail."""
    db = SQLAlchemy(session_options={"class_": ByTenant})
    app = Flask("host")
    app.config.update(GOOD, TAPAUTH_CACHE="redis://127.0.0.1:6379/0")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/host.db"
    TapAuth(app, db)
    db.init_app(app)

    found = examine(app)["cache"]
    with app.app_context():
        db.engine.dispose()

    assert (found.level, "get_bind" in found.message) == ("error", True)


@pytest.mark.parametrize(
    ("days", "count", "level"),
    [(3, 10_001, "warning"), (3, 10_000, "ok"), (1, 10_001, "ok")],
)
def test_expired_rows_that_nobody_deletes_are_a_warning(
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    days: int,
    count: int,
    level: str,
) -> None:
    """With a purge every night, no row is left after two days."""
    app = make_app(**GOOD)
    with app.app_context():
        registered: RegisteredClient = tapauth.clients.create("Reports")
        rows: list[dict[str, Any]] = [
            {
                "digest": number.to_bytes(32),
                "client_pk": registered.client.id,
                "scopes": [],
                "issued_at": 1,
                "expires_at": int(time.time()) - days * 86400 - 60,
            }
            for number in range(count)
        ]
        db.session.execute(sa.insert(tapauth.Token), rows)
        db.session.commit()

    found = examine(app)["expired_rows"]

    assert (found.level, str(count if days > 2 else 0) in found.message) == (
        level,
        True,
    )
