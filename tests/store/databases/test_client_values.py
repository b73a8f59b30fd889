"""The values of a client on each database: which are stored, and which refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped

from flask_tapauth import (
    ClientMixin,
    RegistrationError,
    TapAuth,
)

from ...conftest import MakeApp, bearer, grant
from ...services import SERVERS
from .conftest import get_token, register


@pytest.mark.parametrize("client_id", ["Abc", "abc-"])
def test_client_ids_that_look_alike_are_different(
    host: Flask, tapauth: TapAuth, http: FlaskClient, client_id: str
) -> None:
    """RFC 6749 §1.9: names are case sensitive, unlike MariaDB's default collation."""
    clients = [register(host, tapauth, client_id=i) for i in ("abc", client_id)]

    for client in clients:
        token = get_token(http, client)
        answer = http.get("/whoami", headers=bearer(token))
        assert answer.get_json()["client_id"] == client.client_id


@pytest.mark.parametrize("client_id", ["ABC", "abc ", " abc", "ábc", "ab\u200bc"])
def test_a_client_id_that_looks_alike_is_unknown(
    host: Flask, tapauth: TapAuth, http: FlaskClient, client_id: str
) -> None:
    """RFC 6749 §1.9: case, accents and spaces count."""
    client = register(host, tapauth, client_id="abc")

    answer = http.post("/oauth/token", data=grant(client, client_id=client_id))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("name", ["Büro für Zoë", "価格 API", "🚰 Tap 𠜎"])
def test_a_client_name_in_any_script_is_stored_unchanged(
    host: Flask, tapauth: TapAuth, name: str
) -> None:
    """MariaDB's older UTF-8 would refuse characters of four bytes."""
    with host.app_context():
        tapauth.clients.create(name, client_id="abc")
    with host.app_context():
        [found] = host.extensions["tapauth"].clients.list()

    assert found.client_name == name


def test_a_client_id_taken_in_a_race_is_refused(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Two administrators register the same id; the second must be told."""
    with host.app_context():
        engine = db.engine

    races = [True]

    def be_faster(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("INSERT INTO tapauth_client") and races:
            races.pop()
            with engine.begin() as connection:
                connection.exec_driver_sql(statement, parameters)

    sa.event.listen(engine, "before_cursor_execute", be_faster)

    with host.app_context():
        with pytest.raises(RegistrationError, match="'abc' is taken") as refused:
            tapauth.clients.create("Reports", client_id="abc")
        assert len(str(refused.value).splitlines()) == 1
        assert not races
        tapauth.clients.create("Reports", client_id="abd")  # in the same session
        count = sa.select(sa.func.count()).select_from(tapauth.Client)
        assert db.session.scalar(count) == 2


@pytest.fixture
def owned(database: sa.URL) -> Iterator[TapAuth]:
    """A host whose clients have a column that must be given, in its app's context."""
    db: Any = SQLAlchemy()

    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int]

    app = Flask("owned")
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    db.init_app(app)
    tapauth = TapAuth(app, db, client_model=Client)
    with app.app_context():
        db.drop_all()
        db.create_all()
        yield tapauth
        db.session.remove()
        db.drop_all()
        db.engine.dispose()


def test_a_missing_column_is_named_and_the_message_shows_no_row(
    owned: TapAuth,
) -> None:
    """The driver's message shows the whole row, with the hash of the secret."""
    with pytest.raises(RegistrationError, match="owner_id") as refused:
        owned.clients.create("Reports", client_id="abc")

    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert "sha256" not in message
    owned.clients.create("Reports", client_id="abc", owner_id=3)


def test_a_value_out_of_range_is_refused_as_wrong_input(
    owned: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no outage of the database, and must not be logged as one."""
    with pytest.raises(RegistrationError, match=r"owner_id|range|large") as refused:
        owned.clients.create("Reports", client_id="abc", owner_id=2**70)

    assert "sha256" not in str(refused.value)
    assert str(2**70) not in caplog.text
    owned.clients.create("Reports", client_id="abc", owner_id=3)


@pytest.mark.parametrize("database", SERVERS, indirect=True)
def test_a_client_that_a_host_row_refers_to_is_not_deleted(
    make_app: MakeApp,
    tapauth: TapAuth,
    db: Any,
    database: sa.URL,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A violated foreign key is no outage. SQLite does not check it by default."""

    class Invoice(db.Model):
        id = sa.orm.mapped_column(sa.Integer, primary_key=True)
        client_id = sa.orm.mapped_column(sa.ForeignKey(tapauth.Client.id))

    host = make_app(SQLALCHEMY_DATABASE_URI=database)
    client = register(host, tapauth)
    with host.app_context():
        clients = host.extensions["tapauth"].clients
        db.session.add(Invoice(client_id=clients.get(client.client_id).id))
        db.session.commit()

        with pytest.raises(RegistrationError, match="refused"):
            clients.delete(client.client_id)
        with pytest.raises(RegistrationError, match="refused") as raised:
            host.extensions["tapauth"].store.clients.update(
                clients.get(client.client_id), {"created_at": None}, None
            )

    assert get_token(host.test_client(), client)
    assert "scrypt" not in caplog.text + str(raised.value)
