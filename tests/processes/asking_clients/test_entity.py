"""The client that requests a token is a whole object of the host's model."""

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


def test_the_client_of_a_signal_can_load_its_relationships(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """A receiver must get a whole object."""
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


def test_eager_relationships_of_a_client_are_loaded(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """A receiver may take the client out of its session."""
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


def test_the_changes_of_a_receiver_to_the_client_are_stored(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """The client belongs to ``db.session``."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        times = mapped_column(sa.Integer, default=0, nullable=False)

    host = make_host(Client)

    def count(client: Client) -> None:
        client.times += 1
        db.session.commit()

    assert told(host, count) == [None, 200]
    assert told(host, lambda client: client.times) == [1, 200]


def test_a_client_is_of_its_polymorphic_class(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """A host may use SQLAlchemy's inheritance for kinds of clients."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        kind: Mapped[str] = mapped_column(sa.String(20))
        __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012

    class Partner(Client):
        __mapper_args__ = {"polymorphic_identity": "partner"}  # noqa: RUF012

    host = make_host(Client, kind="partner")

    assert told(host, type) == [Partner, 200]


def test_the_models_load_event_is_sent_for_each_client(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """A host may set attributes up in this event."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        @reconstructor
        def set_up(self) -> None:
            self.is_set_up = True

    host = make_host(Client)

    assert told(host, lambda client: client.is_set_up) == [True, 200]


def test_json_is_read_by_the_hosts_deserializer(
    db: SQLAlchemy, make_host: MakeHost
) -> None:
    """A column's value must be the same as in the host's own statements."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        prices = mapped_column(sa.JSON)

    exactly = functools.partial(json.loads, parse_float=Decimal)
    host = make_host(Client, {"json_deserializer": exactly}, prices=[0.5])

    assert told(host, lambda client: type(client.prices[0])) == [Decimal, 200]


def test_the_sessions_load_event_is_sent_for_each_client(
    db: SQLAlchemy, make_host: MakeHost, client_model: Any
) -> None:
    """SQLAlchemy's ``loaded_as_persistent``."""
    host = make_host(client_model)
    heard: list[Any] = []

    def hear(_: object, entity: Any) -> None:
        heard.append(entity)

    sa.event.listen(db.session, "loaded_as_persistent", hear)

    assert told(host, lambda client: client is heard[-1]) == [True, 200]


def test_the_hosts_own_criteria_apply(db: SQLAlchemy, make_host: MakeHost) -> None:
    """A host hides clients of other tenants with ``do_orm_execute``."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        tenant = mapped_column(sa.String(20))

    host = make_host(Client, tenant="theirs")

    def keep_out(asked: ORMExecuteState) -> None:
        ours = with_loader_criteria(Client, Client.tenant == "ours")
        asked.statement = asked.statement.options(ours)

    sa.event.listen(db.session, "do_orm_execute", keep_out)

    assert told(host, lambda client: client) == [401]
