"""The host's pending work in ``db.session`` survives our failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import mapped_column
from werkzeug.exceptions import ServiceUnavailable

from flask_tapauth import verify_token
from flask_tapauth.errors import TemporarilyUnavailableError

from ...conftest import bearer
from ...processes.conftest import terminate_backends
from .hosts import Host, NewDatabase, on


@pytest.fixture
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    """A host with a table of its own; a parameter is the size of its pool."""
    db: Any = SQLAlchemy()

    class Note(db.Model):
        id = mapped_column(sa.Integer, primary_key=True)
        text = mapped_column(sa.String(20))

    options = {
        "pool_size": getattr(request, "param", 2),
        "max_overflow": 0,
        "pool_timeout": 0.1,
    }
    host = Host(db, on(new_database("postgresql"), **options))
    host.app.config["NOTE"] = Note
    host.make_tables()
    yield host
    host.close()


@contextmanager
def request_with_note(host: Host) -> Iterator[None]:
    """Be in a request with a token, and add an unsaved note to ``db.session``."""
    token = host.issue("only", host.register("only"))["access_token"]
    with host.app.test_request_context(headers=bearer(token)):
        host.db.session.add(host.app.config["NOTE"](text="unsaved"))
        yield


def notes(host: Host) -> list[str]:
    with host.app.app_context():
        return [*host.db.session.scalars(sa.select(host.app.config["NOTE"].text))]


def run(host: Host, *statements: str) -> None:
    """Run statements on a connection of their own."""
    with host.app.app_context():
        other = sa.create_engine(host.db.engine.url, poolclass=sa.NullPool)
    with other.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def without_tokens(host: Host) -> Iterator[None]:
    run(host, "ALTER TABLE tapauth_token RENAME TO hidden")
    yield
    run(host, "ALTER TABLE hidden RENAME TO tapauth_token")


@contextmanager
def without_connections(host: Host) -> Iterator[None]:
    with host.app.app_context():
        pool: Any = host.db.engine.pool
    held = [pool.connect() for _ in range(pool.size())]
    yield
    for connection in held:
        connection.close()


@pytest.mark.parametrize("host", [1, 2], indirect=True)
def test_added_objects_survive_an_exhausted_pool(host: Host) -> None:
    """Nothing was sent to the database, so nothing needs to be undone."""
    with request_with_note(host):
        with without_connections(host), pytest.raises(ServiceUnavailable):
            verify_token()
        assert verify_token() is not None
        host.db.session.commit()

    assert notes(host) == ["unsaved"]


def test_flushed_objects_survive_a_look_up_that_fails(host: Host) -> None:
    """A short outage must not lose the host's unsaved work."""
    with request_with_note(host):
        host.db.session.flush()
        with without_tokens(host), pytest.raises(ServiceUnavailable):
            verify_token()
        host.db.session.commit()

    assert notes(host) == ["unsaved"]


def test_flushed_objects_survive_the_loss_of_another_connection(host: Host) -> None:
    """The host's own connection was not the one that broke."""
    with request_with_note(host):
        host.db.session.flush()
        mine = host.db.session.scalar(sa.text("SELECT pg_backend_pid()"))
        verify_token()  # connects
        terminate_backends(host.db.engine.url, but=mine)
        with pytest.raises(ServiceUnavailable):
            verify_token()
        host.db.session.commit()

    assert notes(host) == ["unsaved"]


def test_added_objects_survive_a_token_that_cannot_be_stored(host: Host) -> None:
    """Our writes commit the host's pending work first."""
    client = host.register("only")

    with host.app.test_request_context():
        host.db.session.add(host.app.config["NOTE"](text="unsaved"))
        host.tapauth.tokens.issue(client)
        host.db.session.add(host.app.config["NOTE"](text="another"))
        with without_tokens(host), pytest.raises(TemporarilyUnavailableError):
            host.tapauth.tokens.issue(client)

    assert notes(host) == ["unsaved", "another"]


def test_a_look_up_does_not_flush_the_hosts_objects(host: Host) -> None:
    """An object that is not complete yet would be sent to the database."""
    with request_with_note(host):
        assert verify_token() is not None
        assert len(host.db.session.new) == 1


def test_a_failed_commit_of_the_hosts_work_is_not_retried(host: Host) -> None:
    """A retry would succeed without the host's work, and nobody would know."""
    run(
        host,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON note "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    )

    with host.app.test_request_context():
        host.db.session.add(host.app.config["NOTE"](text="unsaved"))
        with pytest.raises(TemporarilyUnavailableError):
            host.tapauth.users.forget("7")


def test_the_session_works_after_an_exhausted_pool(host: Host) -> None:
    """Also if the host's own flush has begun."""
    client = host.register("only")

    with host.app.test_request_context():
        host.db.session.add(host.app.config["NOTE"](text="unsaved"))
        with without_connections(host), pytest.raises(TemporarilyUnavailableError):
            host.tapauth.tokens.issue(client)

        assert host.tapauth.tokens.issue(client)["access_token"]
