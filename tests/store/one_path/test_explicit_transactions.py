"""A host that begins its transactions by ``begin`` and ``begin_nested``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ConfigError, TapAuth, verify_token

from ...conftest import bearer
from .hosts import Host, NewDatabase, on

Call = Callable[[TapAuth, Any], Any]
COMMITTING: dict[str, Call] = {
    "register": lambda t, _: t.clients.create("Another"),
    "issue": lambda t, c: t.tokens.issue(c),
    "rotate": lambda t, c: t.clients.rotate_secret(c),
    "revoke": lambda t, c: t.tokens.revoke_all(client=c),
    "purge": lambda t, _: t.tokens.purge(),
    "forget": lambda t, _: t.users.forget("7"),
}


@pytest.fixture
def host(new_database: NewDatabase) -> Iterator[Host]:
    host = Host(SQLAlchemy(), on(new_database("postgresql")))
    host.make_tables()
    yield host
    host.close()


@pytest.mark.parametrize("begin", ["begin", "begin_nested"])
@pytest.mark.parametrize("call", COMMITTING.values(), ids=COMMITTING.keys())
def test_a_call_that_would_commit_in_the_middle_of_a_block_is_refused(
    host: Host, call: Call, begin: str
) -> None:
    """It committed, and then SQLAlchemy raised an error that named no cause."""
    client = host.register("only")

    with host.app.test_request_context():
        record: Any
        with getattr(host.db.session, begin)():
            record = host.db.session.query(host.tapauth.Client).one()
            record.client_name = "Changed"
            with pytest.raises(ConfigError, match=r"db.session.begin\(\)"):
                call(host.tapauth, client)
        host.db.session.rollback()
        name = host.db.session.scalar(sa.select(host.tapauth.Client.client_name))

    assert name == ("Changed" if begin == "begin" else "only")


def test_what_only_reads_works_in_a_block(host: Host) -> None:
    """A view may be guarded, or ask for the client, in a transaction of its own."""
    token = host.issue("only", host.register("only"))["access_token"]

    with host.app.test_request_context(headers=bearer(token)), host.db.session.begin():
        found = verify_token()
        assert found is not None
        assert found.client is not None


def test_a_call_works_after_a_block(host: Host) -> None:
    """The error says to call us then."""
    client = host.register("only")

    with host.app.test_request_context():
        with host.db.session.begin():
            host.db.session.execute(sa.text("SELECT 1"))
        assert host.tapauth.tokens.issue(client)["access_token"]


def test_sessions_that_begin_nothing_stop_the_start(new_database: NewDatabase) -> None:
    """Each request was a 500."""
    db = SQLAlchemy(session_options={"autobegin": False})

    with pytest.raises(ConfigError, match="autobegin=False"):
        Host(db, on(new_database("sqlite")))
