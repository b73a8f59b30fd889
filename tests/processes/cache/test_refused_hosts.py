"""A host that cannot have a cache gets an error when it starts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session

from flask_tapauth import ConfigError, TapAuth
from flask_tapauth._base.config import Config

from ...ports import HOST
from ..conftest import NewDatabase

MakeHost = Callable[..., Flask]


class Choosing(Session):
    """Chooses a database for each request, for tenants or a replica."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_bind(*args, **kwargs)


@pytest.fixture
def make_host(new_database: NewDatabase) -> Iterator[MakeHost]:
    made: list[tuple[Flask, SQLAlchemy]] = []

    def make(db: SQLAlchemy, cache: str, kind: str = "postgresql") -> Flask:
        app = Flask("host")
        app.config["SQLALCHEMY_DATABASE_URI"] = new_database(kind)
        app.config["TAPAUTH_CACHE"] = cache
        db.init_app(app)
        made.append((app, db))
        return app

    yield make
    for app, db in made:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_the_database_must_have_notifications(make_host: MakeHost, kind: str) -> None:
    """TAPAUTH_CACHE="database" on another database stops the start."""
    db = SQLAlchemy()
    app = make_host(db, "database", kind)

    with pytest.raises(ConfigError, match=r"TAPAUTH_CACHE.*expected PostgreSQL"):
        TapAuth(app, db)


def test_a_database_that_is_set_up_later_is_checked_at_the_first_request(
    new_database: NewDatabase,
) -> None:
    """Before that, its URL is not known."""
    db = SQLAlchemy()
    app = Flask("host")
    app.config["SQLALCHEMY_DATABASE_URI"] = new_database("sqlite")
    app.config["TAPAUTH_CACHE"] = "database"
    app.config["TESTING"] = True
    TapAuth(app, db)
    db.init_app(app)

    with pytest.raises(ConfigError, match="TAPAUTH_CACHE"):
        app.test_client().get("/")

    with app.app_context():
        db.engine.dispose()


def test_a_session_with_a_get_bind_of_its_own_cannot_use_a_cache(
    make_host: MakeHost,
) -> None:
    """A token cached for one tenant would open another tenant's views."""
    db = SQLAlchemy(session_options={"class_": Choosing})
    app = make_host(db, "database")

    with pytest.raises(ConfigError, match=r"TAPAUTH_CACHE.*get_bind"):
        TapAuth(app, db)


def test_a_session_that_commits_in_two_phases_cannot_use_notifications(
    make_host: MakeHost,
) -> None:
    """PostgreSQL prepares no transaction with a NOTIFY: each revocation was a 503."""
    db = SQLAlchemy(session_options={"twophase": True})
    app = make_host(db, "database")

    with pytest.raises(ConfigError, match=r"TAPAUTH_CACHE.*twophase=True"):
        TapAuth(app, db)


def test_a_session_that_commits_in_two_phases_can_use_redis(
    make_host: MakeHost,
) -> None:
    """The messages to Redis follow the commit, and are no part of it."""
    db = SQLAlchemy(session_options={"twophase": True})
    app = make_host(db, f"redis://{HOST}/0")

    assert TapAuth(app, db).Token


def test_a_shared_session_cannot_use_a_cache() -> None:
    """A row of an older snapshot must not be cached."""
    with pytest.raises(ConfigError, match=r"TAPAUTH_CACHE.*TAPAUTH_SHARE_SESSION"):
        Config.from_mapping(
            {"TAPAUTH_CACHE": "database", "TAPAUTH_SHARE_SESSION": True}
        )


def test_a_missing_redis_package_is_reported_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigError, match=r"pip install 'Flask-TapAuth\[redis\]'"):
        Config.from_mapping({"TAPAUTH_CACHE": f"redis://{HOST}/0"})


def test_the_password_of_redis_is_in_no_repr() -> None:
    """Logs and error pages show the `repr` of variables."""
    config = Config.from_mapping({"TAPAUTH_CACHE": f"redis://:hunter2@{HOST}/0"})

    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1/0?secret=hunter2", "rediss://h/0?ssl_cert_reqs=hunter2"]
)
def test_an_option_that_redis_does_not_know_stops_the_start(
    make_host: MakeHost, url: str
) -> None:
    """Otherwise each revocation would be a 503."""
    db = SQLAlchemy()
    app = make_host(db, url)

    with pytest.raises(ConfigError, match="TAPAUTH_CACHE: the URL has an opt") as error:
        TapAuth(app, db)

    assert "hunter2" not in str(error.value)
