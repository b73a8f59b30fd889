"""Models of the host with columns of its own, and what a record shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import (
    Mapped,
    mapped_column,
)

from flask_tapauth import (
    ClientMixin,
    ConfigError,
    RegistrationError,
    TapAuth,
    TokenMixin,
)

from ...app.hosts.conftest import Start
from ...app.hosts.conftest import start as start
from .conftest import walk


@pytest.fixture
def owned(db: Any) -> TapAuth:
    """A host whose clients have columns of its own, one of which must be given."""

    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int]
        plan: Mapped[str] = mapped_column(sa.String(20), default="free")
        note: Mapped[str | None] = mapped_column(sa.String(80))

    return TapAuth(db=db, client_model=Client)


def test_a_hosts_own_columns_are_stored(
    start: Start, db: SQLAlchemy, owned: TapAuth
) -> None:
    """A column that is not given gets its default."""
    app = start(db, owned)

    client: Any = walk(app, owned, owner_id=3).client

    assert (client.owner_id, client.plan, client.note) == (3, "free", None)
    client = walk(app, owned, owner_id=4, plan="paid", note="VIP").client
    assert (client.owner_id, client.plan, client.note) == (4, "paid", "VIP")


@pytest.mark.parametrize(
    ("columns", "told"),
    [({"owner_id": 3, "ownr": 3}, "ownr"), ({}, "owner_id")],
    ids=["unknown", "missing"],
)
def test_wrong_columns_are_refused_and_nothing_is_stored(
    start: Start,
    db: SQLAlchemy,
    owned: TapAuth,
    columns: dict[str, Any],
    told: str,
) -> None:
    """The message says in one line what to change."""
    app = start(db, owned)

    with app.app_context():
        with pytest.raises(RegistrationError, match=told) as refused:
            owned.clients.create("Reports", **columns)
        assert len(str(refused.value).splitlines()) == 1
        assert "sha256$" not in str(refused.value)
        assert db.session.scalars(sa.select(owned.Client)).all() == []
        owned.clients.create("Reports", owner_id=3)  # in the same session
        assert len(db.session.scalars(sa.select(owned.Client)).all()) == 1


@pytest.mark.parametrize("table", [None, "oauth"])
@pytest.mark.parametrize(
    ("mixin", "says"),
    [
        (ClientMixin, "write TapAuth(..., client_model=Own)"),
        (TokenMixin, "write TapAuth(..., token_model=Own)"),
    ],
)
def test_a_hosts_model_that_is_not_passed_is_refused(
    db: Any, mixin: type[Any], says: str, table: str | None
) -> None:
    """SQLAlchemy's "Table is already defined" does not name the missing argument."""
    columns: dict[str, Any] = {} if table is None else {"__tablename__": table}
    if mixin is TokenMixin:
        key = sa.ForeignKey("tapauth_client.id", ondelete="CASCADE")
        columns["client_pk"] = mapped_column(key)
    # Kept, as a module keeps its classes: SQLAlchemy holds them weakly.
    own: Any = type("Own", (mixin, db.Model), columns)

    with pytest.raises(ConfigError, match=re.escape(says)):
        TapAuth(db=db)

    assert own.__table__.name in db.metadata.tables


def test_two_extensions_on_one_db_do_not_clash(start: Start, db: SQLAlchemy) -> None:
    """An app factory calls `TapAuth(app, db)` each time."""
    first, second = TapAuth(db=db), TapAuth(db=db)

    for tapauth in (first, second):
        walk(start(db, tapauth), tapauth)

    assert (first.Client, first.Token) == (second.Client, second.Token)


def test_the_repr_of_a_record_shows_no_secret(start: Start, db: SQLAlchemy) -> None:
    """Logs and error pages show the `repr` of variables."""
    tapauth = TapAuth(db=db)
    app = start(db, tapauth)
    walk(app, tapauth, client_id="reports")

    with app.app_context():
        [client] = db.session.scalars(sa.select(tapauth.Client))
        [token] = db.session.scalars(sa.select(tapauth.Token))
        assert repr(client) == "<TapAuthClient 'reports'>"
        assert repr(token) == f"<TapAuthToken of client {client.id}>"


def test_the_result_of_a_registration_can_be_read_after_the_session(
    start: Start, db: SQLAlchemy
) -> None:
    """A detached object of SQLAlchemy would raise an error."""
    tapauth = TapAuth(db=db)

    with start(db, tapauth).app_context():
        first = tapauth.clients.create("Reports", client_id="first")
        second = tapauth.clients.create("Reports", client_id="second")
        rotated = tapauth.clients.rotate_secret("second")

    assert [client.client_id for client in (first, second, rotated)] == [
        "first",
        "second",
        "second",
    ]
