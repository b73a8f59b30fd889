"""What one request sends to the database, and what it leaves open."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Request
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ClientMixin, TapAuth, TokenMixin, require_token

from ..conftest import MakeApp, bearer, grant
from ..statements import statements
from .conftest import NewDatabase, NewWire, backends, through
from .wire import Wire


@pytest.fixture
def host(make_app: MakeApp, postgresql: sa.URL) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=postgresql)


@pytest.fixture
def http(host: Flask) -> FlaskClient:
    return host.test_client()


def issue(host: Flask, tapauth: TapAuth) -> str:
    with host.app_context():
        client = tapauth.clients.create("Reports", scopes="orders:read")
        token: str = tapauth.tokens.issue(client)["access_token"]
    return token


@pytest.fixture(params=["postgresql", "mariadb"])
def tapped(
    request: pytest.FixtureRequest,
    new_wire: NewWire,
    new_database: NewDatabase,
    make_app: MakeApp,
) -> tuple[Flask, Wire]:
    """A host, and the wire to its database."""
    database = new_database(request.param)
    wire = new_wire(database.port or 0)
    return make_app(SQLALCHEMY_DATABASE_URI=through(database, wire)), wire


def test_a_look_up_is_one_statement_and_ends_its_transaction(
    tapped: tuple[Flask, Wire], tapauth: TapAuth
) -> None:
    """A view may be slow: nothing must stay open behind it."""
    host, wire = tapped
    token, http = issue(host, tapauth), host.test_client()
    http.get("/orders", headers=bearer(token))  # connects

    wire.sent = b""
    assert http.get("/orders", headers=bearer(token)).status_code == 200

    words = (b"SELECT", b"COMMIT", b"SET ")
    assert [wire.sent.count(word) for word in words] == [1, 0, 0]
    assert b"ROLLBACK" in wire.sent.partition(b"SELECT")[2]


def test_a_token_is_stored_by_two_statements_on_the_wire(
    tapped: tuple[Flask, Wire], tapauth: TapAuth
) -> None:
    """The client is read and the token inserted, and no more.

    Each ends its transaction: what hooks of the host wrote in between must not be lost
    if the insert is tried again.
    """
    host, wire = tapped
    http = host.test_client()
    with host.app_context():
        client = tapauth.clients.create("Reports")
    http.post("/oauth/token", data=grant(client))

    wire.sent = b""
    assert http.post("/oauth/token", data=grant(client)).status_code == 200

    words = (b"SELECT", b"INSERT", b"COMMIT", b"SET ")
    assert [wire.sent.count(word) for word in words] == [1, 1, 2, 0]


def test_a_look_up_makes_no_orm_object_and_no_url(
    host: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """Both would double the time that a request takes."""

    class RequestWithoutUrl(Request):
        @property
        def url(self) -> str:
            raise AssertionError("the URL was built")

    token = issue(host, tapauth)
    host.request_class = RequestWithoutUrl
    loaded: list[object] = []

    def note(entity: object, _: object) -> None:
        loaded.append(entity)

    models = (tapauth.Client, tapauth.Token)
    for model in models:
        sa.event.listen(model, "load", note)
    try:
        assert http.get("/orders", headers=bearer(token)).status_code == 200
    finally:
        for model in models:
            sa.event.remove(model, "load", note)

    assert loaded == []


def test_a_view_runs_in_no_transaction_of_ours(
    host: Flask, tapauth: TapAuth, http: FlaskClient, postgresql: sa.URL
) -> None:
    """A slow view would keep it open, and hold up VACUUM."""
    states: list[str] = []

    @host.get("/slow")
    @require_token
    def slow() -> str:
        states.extend(state for _, state in backends(postgresql))
        return "done"

    token = issue(host, tapauth)

    assert http.get("/slow", headers=bearer(token)).status_code == 200

    assert states
    assert set(states) == {"idle"}


def test_issuing_a_token_commits_the_hosts_pending_work(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """`issue_token` says that it commits."""
    issue(host, tapauth)

    with host.app_context():
        db.session.execute(sa.update(tapauth.Client).values(client_name="Pending"))
        [client] = host.extensions["tapauth"].clients.list()
        token = tapauth.tokens.issue(client.client_id)["access_token"]
        db.session.rollback()
        name = db.session.scalar(sa.select(tapauth.Client.client_name))

    assert name == "Pending"
    assert http.get("/orders", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("shares", [False, True])
def test_each_statement_is_recorded_once(
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    shares: bool,
    new_database: NewDatabase,
) -> None:
    """Flask-SQLAlchemy's query recorder and APM tools listen in this way."""
    host = make_app(
        SQLALCHEMY_DATABASE_URI=new_database("sqlite"), TAPAUTH_SHARE_SESSION=shares
    )
    http = host.test_client()
    with host.app_context():
        client = tapauth.clients.create("Reports", scopes="orders:read")

    with statements(host, db) as heard:
        token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
        http.get("/orders", headers=bearer(token))

    assert [statement.split()[0] for statement in heard] == [
        "SELECT",
        "UPDATE",  # when the client was last used, at most every five minutes
        "INSERT",
        "SELECT",
    ]


def test_models_on_a_bind_are_looked_up_there(new_database: NewDatabase) -> None:
    """A host's models may have a bind key."""
    db: Any = SQLAlchemy()

    class Client(ClientMixin, db.Model):
        __bind_key__ = "auth"

    class Token(TokenMixin, db.Model):
        __bind_key__ = "auth"

    host = Flask("host")
    host.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////no/such/directory.db"
    host.config["SQLALCHEMY_BINDS"] = {"auth": new_database("sqlite")}
    db.init_app(host)
    tapauth = TapAuth(host, db, client_model=Client, token_model=Token)
    host.add_url_rule("/guarded", view_func=require_token(lambda: "guarded"))
    with host.app_context():
        db.create_all("auth")
    token = issue(host, tapauth)

    answer = host.test_client().get("/guarded", headers=bearer(token))

    assert answer.status_code == 200
    with host.app_context():
        db.session.remove()
        db.engines["auth"].dispose()
