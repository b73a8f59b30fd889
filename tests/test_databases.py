"""What holds on SQLite, PostgreSQL and MariaDB alike, and when they are gone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped
from werkzeug.test import TestResponse

from flask_tapauth import (
    ClientMixin,
    RegisteredClient,
    RegistrationError,
    TapAuth,
    require_token,
)
from flask_tapauth.errors import TemporarilyUnavailableError

from .conftest import MakeApp, bearer, grant
from .services import SERVERS, administering, out_of_reach


@pytest.fixture
def host(make_app: MakeApp, database: sa.URL) -> Flask:
    """Not named `app`: pytest-flask would have requests share the test's session."""
    return make_app(SQLALCHEMY_DATABASE_URI=database)


@pytest.fixture
def http(host: Flask) -> FlaskClient:
    return host.test_client()


def register(host: Flask, tapauth: TapAuth, **registration: Any) -> RegisteredClient:
    registration.setdefault("scopes", "orders:read")
    with host.app_context():
        return tapauth.register_client("Reports", **registration)


def get_token(http: FlaskClient, client: RegisteredClient) -> str:
    answer = http.post("/oauth/token", data=grant(client))
    token: str = answer.get_json()["access_token"]
    return token


def run(host: Flask, db: SQLAlchemy, *statements: str) -> None:
    """Do something to the tables behind the extension's back."""
    with host.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_registered_client_gets_a_token_that_opens_a_view(
    host: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """The contract: the main road, whatever the database."""
    token = get_token(http, register(host, tapauth))

    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_the_schema_has_its_keys_and_indexes(host: Flask, db: SQLAlchemy) -> None:
    """The contract: unique look-ups, a 32-byte digest, an index that serves purging."""
    with host.app_context():
        inspector = sa.inspect(db.engine)
        client_indexes = inspector.get_indexes("tapauth_client")
        uniques = inspector.get_unique_constraints("tapauth_client")
        token_indexes = inspector.get_indexes("tapauth_token")
        key = inspector.get_pk_constraint("tapauth_token")
        columns = {c["name"]: c["type"] for c in inspector.get_columns("tapauth_token")}

    unique = [i for i in client_indexes if i["unique"]] + list(uniques)
    assert ["client_id"] in [index["column_names"] for index in unique]
    assert key["constrained_columns"] == ["digest"]
    indexed = [index["column_names"] for index in token_indexes]
    assert ["expires_at"] in indexed
    assert ["client_pk"] in indexed
    digest = columns["digest"]
    assert isinstance(digest, (sa.LargeBinary, sa.BINARY))
    assert digest.length in (None, 32)


@pytest.mark.parametrize("client_id", ["Abc", "abc-"])
def test_client_ids_that_look_alike_are_two(
    host: Flask, tapauth: TapAuth, http: FlaskClient, client_id: str
) -> None:
    """RFC 6749 §1.9 (names are case sensitive): MariaDB's own defaults would not be."""
    clients = [register(host, tapauth, client_id=i) for i in ("abc", client_id)]

    for client in clients:
        token = get_token(http, client)
        answer = http.get("/whoami", headers=bearer(token))
        assert answer.get_json()["client_id"] == client.client_id


@pytest.mark.parametrize("client_id", ["ABC", "abc ", " abc", "ábc", "ab\u200bc"])
def test_a_client_id_that_looks_alike_authenticates_as_nobody(
    host: Flask, tapauth: TapAuth, http: FlaskClient, client_id: str
) -> None:
    """RFC 6749 §1.9: compared to the letter, the accent and the space."""
    client = register(host, tapauth, client_id="abc")

    answer = http.post("/oauth/token", data=grant(client, client_id=client_id))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("name", ["Büro für Zoë", "価格 API", "🚰 Tap 𠜎"])
def test_a_name_round_trips(host: Flask, tapauth: TapAuth, name: str) -> None:
    """The contract: a client's name is any printable text, four-byte UTF-8 included."""
    with host.app_context():
        tapauth.register_client(name, client_id="abc")
    with host.app_context():
        [found] = host.extensions["tapauth"].clients.list()

    assert found.client_name == name


def test_a_client_id_taken_in_a_race_is_refused(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: nothing written, one line that says what to change."""
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
            tapauth.register_client("Reports", client_id="abc")
        assert len(str(refused.value).splitlines()) == 1
        assert not races
        tapauth.register_client("Reports", client_id="abd")  # in the same session
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


def test_a_refusal_of_the_database_is_one_line_and_shows_no_row(
    owned: TapAuth,
) -> None:
    """The contract: a missing column of the host's is named; no secret's hash is."""
    with pytest.raises(RegistrationError, match="owner_id") as refused:
        owned.register_client("Reports", client_id="abc")

    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert "sha256" not in message
    owned.register_client("Reports", client_id="abc", owner_id=3)


def test_a_value_that_no_column_takes_is_refused_as_input(
    owned: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """The contract: wrong input says so; it is no outage, and is not logged."""
    with pytest.raises(RegistrationError, match=r"owner_id|range|large") as refused:
        owned.register_client("Reports", client_id="abc", owner_id=2**70)

    assert "sha256" not in str(refused.value)
    assert str(2**70) not in caplog.text
    owned.register_client("Reports", client_id="abc", owner_id=3)


def test_a_deleted_client_takes_its_tokens_with_it(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """The contract's table: 401 for a token whose client is deleted."""
    gone, stays = register(host, tapauth), register(host, tapauth)
    token, other = get_token(http, gone), get_token(http, stays)

    with host.app_context():
        host.extensions["tapauth"].clients.delete(gone)
        left = sa.select(sa.func.count()).select_from(tapauth.Token)
        assert db.session.scalar(left) == 1

    assert http.get("/orders", headers=bearer(token)).status_code == 401
    assert http.get("/orders", headers=bearer(other)).status_code == 200


def test_a_new_client_never_inherits_the_tokens_of_a_deleted_one(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """The contract: a row deleted by hand, its token's row perhaps left behind."""
    token = get_token(http, register(host, tapauth))

    run(host, db, "DELETE FROM tapauth_client")
    register(host, tapauth)

    answer = http.get("/orders", headers=bearer(token))
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


@contextmanager
def statements(host: Flask, db: SQLAlchemy) -> Iterator[list[str]]:
    seen: list[str] = []

    def see(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with host.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", see)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", see)


def test_a_guarded_view_costs_one_select(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """Issue 2: one indexed SELECT for an opaque token, client state included."""
    token = get_token(http, register(host, tapauth))

    with statements(host, db) as seen:
        assert http.get("/orders", headers=bearer(token)).status_code == 200

    [statement] = seen
    assert statement.startswith("SELECT")
    assert "tapauth_client" in statement


@pytest.mark.parametrize("spoil", [str.swapcase, lambda t: t[:-1], lambda _: "junk"])
def test_junk_costs_no_statement(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, spoil: Any
) -> None:
    """The contract: a checksum, so that junk is refused without a query."""
    token = get_token(http, register(host, tapauth))

    with statements(host, db) as seen:
        answer = http.get("/orders", headers=bearer(spoil(token)))

    assert answer.status_code == 401
    assert seen == []


def assert_unavailable(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def assert_silent(log: str, client: RegisteredClient, token: str) -> None:
    """The log tells of the failure, and nothing of what was asked."""
    assert "The database cannot be used" in log
    digest = hashlib.sha256(token.encode()).digest()
    for value in (client.client_id, str(client.client_secret), token, repr(digest)):
        assert value not in log


def test_a_database_out_of_reach_is_no_500_and_no_way_in(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    database: sa.URL,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The contract's table: 503 with `Retry-After`; a view never runs unchecked."""
    client = register(host, tapauth)
    token = get_token(http, client)
    ran: list[str] = []
    app = Flask("cut off")
    app.config["SQLALCHEMY_DATABASE_URI"] = out_of_reach(database)
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/run")
    @require_token
    def run() -> str:
        ran.append("ran")
        return "ran"

    http = app.test_client()
    assert_unavailable(http.post("/oauth/token", data=grant(client)))
    assert_unavailable(http.get("/run", headers=bearer(token)))
    assert ran == []
    assert_silent(caplog.text, client, token)


@pytest.mark.parametrize("database", SERVERS, indirect=True)
def test_a_client_that_a_row_of_the_hosts_refers_to_is_not_deleted(
    make_app: MakeApp,
    tapauth: TapAuth,
    db: Any,
    database: sa.URL,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The contract: `RegistrationError`; the database refused, and is not out of
    reach. SQLite, as it comes, looks at no foreign key."""

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
            clients.update(client.client_id, created_at=None)

    assert get_token(host.test_client(), client)
    assert "scrypt" not in caplog.text + str(raised.value)


@pytest.mark.parametrize("table", ["tapauth_client", "tapauth_token"])
def test_the_same_app_serves_again_when_its_tables_are_back(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    table: str,
) -> None:
    """The contract's table: 503 while it lasts, and the session is usable after it."""
    client = register(host, tapauth)
    token = get_token(http, client)

    run(host, db, f"ALTER TABLE {table} RENAME TO hidden")
    assert_unavailable(http.post("/oauth/token", data=grant(client)))
    assert_unavailable(http.get("/orders", headers=bearer(token)))
    assert_silent(caplog.text, client, token)

    run(host, db, f"ALTER TABLE hidden RENAME TO {table}")
    assert http.post("/oauth/token", data=grant(client)).status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_the_session_is_usable_after_a_failure(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: a failed statement leaves no aborted transaction to the host."""
    failures = [True]

    def fail(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if failures:
            failures.pop()
            return "SELECT * FROM nowhere", ()
        return statement, parameters

    register(host, tapauth, client_id="abc")
    with host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", fail, retval=True)
        with pytest.raises(TemporarilyUnavailableError):
            tapauth.issue_token("abc")
        assert db.session.scalar(sa.select(sa.literal(1))) == 1
        assert tapauth.issue_token("abc")["access_token"]


KILL_OTHERS = {
    "postgresql": "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = '{name}' AND pid <> pg_backend_pid()",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = '{name}'",
}


@pytest.mark.parametrize("database", SERVERS, indirect=True)
def test_a_restarted_server_costs_one_503(
    host: Flask, tapauth: TapAuth, http: FlaskClient, database: sa.URL
) -> None:
    """The contract's table: a pooled connection that the server closed is no 500."""
    client = register(host, tapauth)
    token = get_token(http, client)

    with administering(database) as server:
        dialect = server.dialect.name
        kill = KILL_OTHERS[dialect].format(name=database.database)
        killed = server.exec_driver_sql(kill).scalars().all()
        for each in killed if dialect == "mysql" else ():
            server.exec_driver_sql(f"KILL {each}")

    assert killed
    assert_unavailable(http.get("/orders", headers=bearer(token)))
    assert http.get("/orders", headers=bearer(token)).status_code == 200
