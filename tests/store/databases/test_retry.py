"""A transaction that the database asks to repeat is repeated once, before a 503."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp, grant
from ...services import SERVERS, own_database
from .conftest import register, run

REFUSING = {
    "postgresql": (
        "CREATE SEQUENCE tries",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'again' "
        "USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refuse BEFORE {what} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    ),
    "mariadb": (
        # What counts must survive the rollback.
        "CREATE SEQUENCE tries",
        "CREATE TRIGGER refuse BEFORE {what} ON {table} FOR EACH ROW "
        "IF nextval(tries) <= {times} THEN "
        "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF",
    ),
}
"""Have a database refuse the first so many rows, as after a deadlock."""


@pytest.fixture(scope="module", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[sa.URL]:
    with own_database(kind, tmp_path) as url:
        yield url


@pytest.fixture
def host(url: sa.URL, make_app: MakeApp) -> Flask:
    """Made after its database, and taken down before it."""
    return make_app(SQLALCHEMY_DATABASE_URI=url)


def refuse(
    host: Flask, db: SQLAlchemy, kind: str, table: str, times: int, state: str = "40001"
) -> None:
    what = "UPDATE" if table == "tapauth_family" else "INSERT"
    statements = (
        each.format(table=table, times=times, state=state, what=what)
        for each in REFUSING[kind]
    )
    run(host, db, *(each.replace("%", "%%") for each in statements))


BOTH = ["client_credentials", "refresh_token"]


@pytest.mark.parametrize("grant_types", [BOTH[:1], BOTH], ids=["access", "refresh"])
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_token_is_stored_at_the_second_try(
    host: Flask,
    http: FlaskClient,
    db: SQLAlchemy,
    tapauth: TapAuth,
    kind: str,
    state: str,
    grant_types: list[str],
) -> None:
    """A serialization failure or a deadlock must not be a 503 at once."""
    client = register(host, tapauth, grant_types=grant_types)
    refuse(host, db, kind, "tapauth_token", 1, state)

    answer = http.post("/oauth/token", data=grant(client))

    assert answer.status_code == 200, answer.text
    with host.app_context():
        count = sa.select(sa.func.count()).select_from(tapauth.Token)
        assert db.session.scalar(count) == 1


def test_a_retried_renewal_uses_the_refresh_token_once(
    host: Flask, http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, kind: str
) -> None:
    """RFC 9700 §4.14.2: the retry must not look like a theft."""
    client = register(host, tapauth, grant_types=BOTH)
    given = http.post("/oauth/token", data=grant(client)).get_json()
    refuse(host, db, kind, "tapauth_token", 1)
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    answers = [
        http.post("/oauth/token", data=grant(client, **form)).status_code
        for _ in range(2)
    ]

    assert answers == [200, 400]


def test_a_token_is_revoked_at_the_second_try(
    host: Flask, http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, kind: str
) -> None:
    """RFC 7009 §2.2: a deadlock must not make a revocation fail."""
    client = register(host, tapauth, grant_types=BOTH)
    given = http.post("/oauth/token", data=grant(client)).get_json()
    refuse(host, db, kind, "tapauth_family", 1)
    form = grant(client, token=given["refresh_token"])

    assert http.post("/oauth/revoke", data=form).status_code == 200


def test_a_transaction_that_is_refused_twice_is_a_503(
    host: Flask, http: FlaskClient, db: SQLAlchemy, tapauth: TapAuth, kind: str
) -> None:
    """Endless retries would block a worker."""
    client = register(host, tapauth)
    refuse(host, db, kind, "tapauth_token", 2)

    answer = http.post("/oauth/token", data=grant(client))

    assert answer.status_code == 503
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert "Retry-After" in answer.headers
