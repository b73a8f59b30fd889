"""A call that is refused for its arguments leaves the host's session as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_tapauth import ClientMixin, TapAuth
from flask_tapauth.errors import RegistrationError, UnknownClientError

from .hosts import Host, NewDatabase, on

Call = Callable[[TapAuth, Any], Any]
REFUSED: dict[str, Call] = {
    "issue to nobody": lambda t, _: t.tokens.issue("nobody"),
    "issue other scopes": lambda t, c: t.tokens.issue(c, scopes="orders:write"),
    "issue no scope": lambda t, c: t.tokens.issue(c, scopes='"'),
    "issue for no time": lambda t, c: t.tokens.issue(c, expires_in=0),
    "issue for no user": lambda t, c: t.tokens.issue(c, user_id=""),
    "rotate nobody's": lambda t, _: t.clients.rotate_secret("nobody"),
    "rotate with less grace than none": lambda t, c: t.clients.rotate_secret(
        c, grace=-1
    ),
    "rotate to the past": lambda t, c: t.clients.rotate_secret(
        c, secret_expires_at=datetime(2020, 1, 1, tzinfo=UTC)
    ),
    "rotate a public client's": lambda t, _: t.clients.rotate_secret("public"),
    "revoke nobody's": lambda t, _: t.tokens.revoke_all(client="nobody"),
    "purge the future": lambda t, _: t.tokens.purge(older_than=-1),
    "purge nothing at a time": lambda t, _: t.tokens.purge(batch_size=0),
    "forget no one": lambda t, _: t.users.forget(""),
    "register without a name": lambda t, _: t.clients.create("", quota=3),
    "register an unknown column": lambda t, _: t.clients.create("A", none=1),
    "register a taken id": lambda t, c: t.clients.create(
        "A", client_id=c.client_id, quota=3
    ),
    "register what the database refuses": lambda t, _: t.clients.create("A", quota=1),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    """A host whose clients have a quota, and that keeps notes."""
    db: Any = SQLAlchemy()

    class Note(db.Model):
        id = mapped_column(sa.Integer, primary_key=True)

    class Client(ClientMixin, db.Model):
        quota: Mapped[int] = mapped_column(unique=True)

    host = Host(db, on(new_database(request.param)), client_model=Client)
    host.app.config["NOTE"] = Note
    host.make_tables()
    yield host
    host.close()


@pytest.fixture
def client(host: Host) -> Any:
    host.register(
        "only",
        client_id="public",
        public=True,
        grant_types=["implicit"],
        redirect_uris=["https://page.example/"],
        quota=1,
    )
    return host.register("only", quota=2)


def count_notes(host: Host) -> int:
    """Count the notes that are committed."""
    note = host.app.config["NOTE"]
    with host.app.app_context():
        return int(host.db.session.query(note).count())


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_call_neither_commits_nor_loses_the_hosts_work(
    host: Host, client: Any, call: Call
) -> None:
    """A wrong argument committed half of what the host was about to write."""
    with host.app.test_request_context():
        host.db.session.add(host.app.config["NOTE"]())
        host.db.session.flush()
        host.db.session.add(host.app.config["NOTE"]())

        with pytest.raises((RegistrationError, UnknownClientError, ValueError)):
            call(host.tapauth, client)

        assert count_notes(host) == 0
        host.db.session.commit()
    assert count_notes(host) == 2


def test_a_client_that_was_registered_meanwhile_is_found(
    new_database: NewDatabase,
) -> None:
    """The host's transaction may read from a snapshot, as MariaDB's do by default."""
    host = Host(SQLAlchemy(), on(new_database("mariadb")))
    host.make_tables()

    with host.app.test_request_context():
        assert host.db.session.query(host.tapauth.Client).count() == 0
        with host.app.app_context():
            client = host.tapauth.clients.create("Reports", scopes="orders:read")

        assert host.tapauth.tokens.issue(client.client_id)["access_token"]

    host.close()


def test_the_scopes_of_a_token_may_be_an_iterator(
    new_database: NewDatabase,
) -> None:
    """It can be read once only."""
    host = Host(SQLAlchemy(), on(new_database("sqlite")))
    host.make_tables()
    client = host.register("only")

    with host.app.app_context():
        token = host.tapauth.tokens.issue(client, scopes=iter(["orders:read"]))

    host.close()
    assert token["scope"] == "orders:read"
