"""An assertion is accepted once, by all processes of an app together."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import RegisteredClient, TapAuth

from ..conftest import MakeApp, Register
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    TOKEN_ENDPOINT,
    Assertion,
    Refusal,
    Signer,
    ask,
    claims_for,
    key_set,
    proof,
    refusal,
    signer,
)

THREADS = 16


@pytest.mark.parametrize("first", ENDPOINTS)
@pytest.mark.parametrize("second", ENDPOINTS)
def test_an_assertion_is_accepted_once_at_all_endpoints_together(
    http: FlaskClient,
    assertion: Assertion,
    wrong_secret: Refusal,
    first: str,
    second: str,
) -> None:
    """RFC 7523 §3 (7): the jti is remembered wherever it was used."""
    form = {**ANY_REQUEST, **proof(assertion())}
    assert http.post(first, data=form).status_code == 200

    assert refusal(http.post(second, data=form)) == wrong_secret


def test_another_assertion_of_the_same_name_is_a_replay(
    http: FlaskClient, assertion: Assertion, wrong_secret: Refusal
) -> None:
    """RFC 7519 §4.1.7: the name counts, whatever else is new."""
    ask(http, assertion(jti="j"))

    again = assertion(jti="j", aud=TOKEN_ENDPOINT, exp=int(time.time()) + 600)

    assert refusal(ask(http, again)) == wrong_secret


@pytest.mark.parametrize("jti", ["J", "j ", " j", "j\0", "ĵ"])
def test_names_that_look_alike_are_two(
    http: FlaskClient, assertion: Assertion, jti: str
) -> None:
    """RFC 7519 §4.1.7: a case-sensitive string."""
    ask(http, assertion(jti="j"))

    assert ask(http, assertion(jti=jti)).status_code == 200


def test_two_clients_may_use_the_same_name(
    http: FlaskClient, register: Register, assertion: Assertion
) -> None:
    """RFC 7523 §3 (7): a name is unique for its issuer."""
    other = register(jwks=key_set(signer(number=2)))
    ask(http, assertion(jti="j"))

    answer = ask(http, signer(number=2).sign(claims_for(other, jti="j")))

    assert answer.status_code == 200


def test_a_refused_assertion_uses_no_name_up(
    http: FlaskClient, signing: RegisteredClient, assertion: Assertion
) -> None:
    """The contract: nobody but the client can use its names up."""
    forged = signer(number=2).sign(claims_for(signing, jti="j"))
    assert ask(http, forged).status_code == 401
    assert ask(http, assertion(jti="j", aud="https://other")).status_code == 401

    assert ask(http, assertion(jti="j")).status_code == 200


def test_an_accepted_assertion_outlives_a_purge(
    http: FlaskClient, tapauth: TapAuth, assertion: Assertion, wrong_secret: Refusal
) -> None:
    """The contract: it is remembered for as long as it would be accepted."""
    # Past its time, and within the minute by which clocks may differ.
    text = assertion(exp=int(time.time()) - 55)
    assert ask(http, text).status_code == 200

    tapauth.purge_expired()

    assert refusal(ask(http, text)) == wrong_secret


def test_a_purge_forgets_what_would_be_refused_anyway(
    db: SQLAlchemy, http: FlaskClient, tapauth: TapAuth, assertion: Assertion
) -> None:
    """The contract: the table does not grow for ever."""
    model = tapauth._models.assertion
    ask(http, assertion())
    ask(http, assertion(exp=int(time.time()) + 3600))
    first = sa.select(sa.func.min(model.expires_at)).scalar_subquery()
    earlier = sa.update(model).where(model.expires_at == first)
    db.session.execute(earlier.values(expires_at=1), {"synchronize_session": False})
    db.session.commit()

    tapauth.purge_expired()

    assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 1


@pytest.fixture
def host(make_app: MakeApp, database: sa.URL) -> Flask:
    """Not named `app`: pytest-flask would have requests share the test's session."""
    return make_app(SQLALCHEMY_DATABASE_URI=database)


@pytest.fixture
def neighbour(host: Flask, database: sa.URL) -> Iterator[Flask]:
    """The app in another process: it shares the database, and nothing else."""

    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)
    app = Flask("neighbour")
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    db.init_app(app)
    TapAuth(app, db)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def text(host: Flask, tapauth: TapAuth, key: Signer) -> str:
    with host.app_context():
        return key.sign(claims_for(tapauth.register_client("R", jwks=key_set(key))))


def test_an_assertion_is_accepted_once_by_two_processes(
    host: Flask, neighbour: Flask, text: str
) -> None:
    """The contract: the replay guard is shared by all processes."""
    assert ask(host.test_client(), text).status_code == 200

    assert ask(neighbour.test_client(), text).status_code == 401


def test_of_many_who_send_it_at_once_one_is_let_in(
    host: Flask, neighbour: Flask, text: str
) -> None:
    """The contract: once, however close the others come; and none is a crash."""
    statuses: list[int] = []
    barrier = threading.Barrier(THREADS)

    def send(app: Flask) -> None:
        http = app.test_client()
        barrier.wait()
        statuses.append(ask(http, text).status_code)

    in_parallel(lambda number: send((host, neighbour)[number % 2]))

    assert Counter(statuses) == {200: 1, 401: THREADS - 1}


def test_many_assertions_at_once_are_all_accepted(
    host: Flask, tapauth: TapAuth, key: Signer
) -> None:
    """The contract: who sends what is new is not taken for who repeats."""
    with host.app_context():
        client = tapauth.register_client("Reports", jwks=key_set(key))
    statuses: list[int] = []

    def send(number: int) -> None:
        answer = ask(host.test_client(), key.sign(claims_for(client)))
        statuses.append(answer.status_code)

    in_parallel(send)

    assert Counter(statuses) == {200: THREADS}


def in_parallel(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=[n]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
