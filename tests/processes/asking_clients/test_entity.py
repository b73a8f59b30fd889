"""Who asks for a token is read outside of a session, and is a host's entity, whole."""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    column_property,
    deferred,
    mapped_column,
    reconstructor,
    relationship,
    with_loader_criteria,
)

from flask_tapauth import ClientMixin

from .conftest import MakeHost, told


def test_a_signals_client_finds_what_it_is_related_to(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: the hot path is short, and the host's entity is whole all the same."""
    model: Any = db.Model

    class Owner(model):
        id = mapped_column(sa.Integer, primary_key=True)
        name = mapped_column(sa.String(20))

    class Client(ClientMixin, model):
        owner_id = mapped_column(sa.ForeignKey(Owner.id))
        owner = relationship(Owner)
        remark = deferred(mapped_column(sa.String(20)))
        has_owner = column_property(owner_id.is_not(None))

    host = make_host(Client, remark="by hand")
    with host.app_context():
        db.session.add(Owner(id=7, name="Ada"))
        db.session.execute(sa.update(Client).values(owner_id=7))
        db.session.commit()

    assert told(host, lambda client: client.owner.name) == ["Ada", 200]
    assert told(host, lambda client: client.remark) == ["by hand", 200]
    assert told(host, lambda client: client.has_owner) == [True, 200]


def test_what_a_model_loads_with_each_client_is_there(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: whoever takes the client out of its session has it whole."""
    model: Any = db.Model

    class Owner(model):
        id = mapped_column(sa.Integer, primary_key=True)

    class Client(ClientMixin, model):
        owner_id = mapped_column(sa.ForeignKey(Owner.id))
        owner = relationship(Owner, lazy="joined")

    host = make_host(Client)

    def take_out(client: Client) -> Any:
        db.session.expunge(client)
        return client.owner

    assert told(host, take_out) == [None, 200]


def test_what_a_receiver_changes_in_the_client_is_stored(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: the client belongs to ``db.session``, wherever it was read."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        times = mapped_column(sa.Integer, default=0, nullable=False)

    host = make_host(Client)

    def count(client: Client) -> None:
        client.times += 1
        db.session.commit()

    assert told(host, count) == [None, 200]
    assert told(host, lambda client: client.times) == [1, 200]


def test_a_client_is_of_the_class_that_its_row_says(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: a host may have kinds of clients (SQLAlchemy's inheritance)."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        kind: Mapped[str] = mapped_column(sa.String(20))
        __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012

    class Partner(Client):
        __mapper_args__ = {"polymorphic_identity": "partner"}  # noqa: RUF012

    host = make_host(Client, kind="partner")

    assert told(host, type) == [Partner, 200]


def test_a_model_hears_of_each_client_that_is_loaded(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: what a host sets up on loading is there."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        @reconstructor
        def set_up(self) -> None:
            self.is_set_up = True

    host = make_host(Client)

    assert told(host, lambda client: client.is_set_up) == [True, 200]


def test_json_is_read_as_the_host_has_it_read(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """Issue 5: a client's columns are what they are to the host's own statements."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        prices = mapped_column(sa.JSON)

    exactly = functools.partial(json.loads, parse_float=Decimal)
    host = make_host(Client, {"json_deserializer": exactly}, prices=[0.5])

    assert told(host, lambda client: type(client.prices[0])) == [Decimal, 200]


def test_a_session_hears_of_each_client_that_is_loaded(
    db: SQLAlchemy, make_host: MakeHost, client_model: Any
) -> None:
    """Issue 5: as the model does (SQLAlchemy's ``loaded_as_persistent``)."""
    host = make_host(client_model)
    heard: list[Any] = []

    def hear(_: object, entity: Any) -> None:
        heard.append(entity)

    sa.event.listen(db.session, "loaded_as_persistent", hear)

    assert told(host, lambda client: client is heard[-1]) == [True, 200]


def test_a_hosts_own_criteria_count(db: SQLAlchemy, make_host: MakeHost) -> None:
    """Issue 5: what a host keeps out of its sessions stays out (SQLAlchemy's
    ``do_orm_execute``)."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        tenant = mapped_column(sa.String(20))

    host = make_host(Client, tenant="theirs")

    def keep_out(asked: ORMExecuteState) -> None:
        ours = with_loader_criteria(Client, Client.tenant == "ours")
        asked.statement = asked.statement.options(ours)

    sa.event.listen(db.session, "do_orm_execute", keep_out)

    assert told(host, lambda client: client) == [401]
