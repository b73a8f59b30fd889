"""A retry repeats only our statements: it must not lose what the host wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import mapped_column

from flask_tapauth import TapAuth, signals
from flask_tapauth._base.keys import generate_key

from ...conftest import MakeApp, grant
from ...services import SERVERS, own_database
from .conftest import get_token, register
from .test_retry import BOTH, refuse


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def audit(db: SQLAlchemy) -> type[Any]:
    """A table of the host's."""

    class Audit(db.Model):  # type: ignore[name-defined]
        id = mapped_column(sa.Integer, primary_key=True)
        client_id = mapped_column(sa.String(255))

    return Audit


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[sa.URL]:
    with own_database(kind, tmp_path) as url:
        yield url


@pytest.fixture
def host(url: sa.URL, audit: type[Any], make_app: MakeApp) -> Flask:
    """Made after its database and the table, and taken down before them."""
    return make_app(
        SQLALCHEMY_DATABASE_URI=url,
        TAPAUTH_ISSUER="http://localhost",
        TAPAUTH_TOKEN_FORMAT="jwt",
        TAPAUTH_JWT_KEYS={"keys": [generate_key("ES256")]},
    )


def add_and_flush(db: SQLAlchemy, audit: Any, client: Any) -> None:
    db.session.add(audit(client_id=client.client_id))
    db.session.flush()


def add(db: SQLAlchemy, audit: Any, client: Any) -> None:
    db.session.add(audit(client_id=client.client_id))


def execute(db: SQLAlchemy, audit: Any, client: Any) -> None:
    insert = sa.insert(audit.__table__).values(client_id=client.client_id)
    db.session.connection().execute(insert)


WAYS = pytest.mark.parametrize("write", [add_and_flush, add, execute])
Write = Callable[[SQLAlchemy, Any, Any], None]


def audited(host: Flask, db: SQLAlchemy, audit: Any) -> int:
    with host.app_context():
        count = db.session.scalar(sa.select(sa.func.count()).select_from(audit))
        db.session.remove()
    return int(count or 0)


@WAYS
@pytest.mark.parametrize("grant_types", [BOTH[:1], BOTH], ids=["access", "refresh"])
def test_rows_of_a_claims_loader_survive_a_retry(
    host: Flask,
    http: FlaskClient,
    db: SQLAlchemy,
    tapauth: TapAuth,
    audit: Any,
    kind: str,
    write: Write,
    grant_types: list[str],
) -> None:
    """A deadlock undid the audit row, and the token was issued without it."""
    client = register(host, tapauth, grant_types=grant_types)
    refuse(host, db, kind, "tapauth_token", 1)

    @tapauth.claims_loader
    def load(client: Any, *_: Any) -> None:
        write(db, audit, client)

    answer = http.post("/oauth/token", data=grant(client))

    assert answer.status_code == 200, answer.text
    assert audited(host, db, audit) == 1


@WAYS
def test_rows_of_a_receiver_survive_a_retried_renewal(
    host: Flask,
    http: FlaskClient,
    db: SQLAlchemy,
    tapauth: TapAuth,
    audit: Any,
    kind: str,
    write: Write,
) -> None:
    """client_authenticated is sent between our statements."""
    client = register(host, tapauth, grant_types=BOTH)
    given = http.post("/oauth/token", data=grant(client)).get_json()
    refuse(host, db, kind, "tapauth_token", 1)
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    def receive(_: Flask, client: Any) -> None:
        write(db, audit, client)

    with signals.client_authenticated.connected_to(receive, host):
        answer = http.post("/oauth/token", data=grant(client, **form))

    assert answer.status_code == 200, answer.text
    assert audited(host, db, audit) == 1


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_look_up_in_the_hosts_transaction_is_not_retried(
    host: Flask, http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, audit: Any
) -> None:
    """The client must learn of it, as the receiver's row is lost."""
    client = register(host, tapauth)
    form = grant(client, token=get_token(http, client))
    failures = [psycopg.errors.SerializationFailure("again")]

    def fail_once(_c: Any, statement: str, *_: Any) -> None:
        if "JOIN tapauth_token" in statement and failures:
            raise failures.pop()

    def receive(_: Flask, client: Any) -> None:
        add_and_flush(db, audit, client)

    with host.app_context():
        sa.event.listen(db.engine, "do_execute", fail_once)
    with signals.client_authenticated.connected_to(receive, host):
        answer = http.post("/oauth/introspect", data=form)

    assert failures == []
    assert answer.status_code == 503
    assert audited(host, db, audit) == 0
