"""An assertion is accepted once by all processes of an app together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from .conftest import MakeAssertion, request_token
from .signers import ISSUER

THREADS = 16


@pytest.fixture
def app(make_app: MakeApp, database: sa.URL) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_ISSUER=ISSUER)


@pytest.fixture
def neighbour(app: Flask, database: sa.URL) -> Iterator[Flask]:
    """The app in another process: the two share the database and nothing else."""

    class Base(DeclarativeBase):
        pass

    db = SQLAlchemy(model_class=Base)
    neighbour = Flask("neighbour")
    neighbour.config.update(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_ISSUER=ISSUER)
    db.init_app(neighbour)
    TapAuth(neighbour, db)
    yield neighbour
    with neighbour.app_context():
        db.engine.dispose()


def test_an_assertion_is_accepted_by_one_of_two_processes(
    app: Flask, neighbour: Flask, make_assertion: MakeAssertion
) -> None:
    """RFC 7523 §3 (7): a thief must not reuse an assertion at another worker."""
    text = make_assertion()
    assert request_token(app.test_client(), text).status_code == 200

    assert request_token(neighbour.test_client(), text).status_code == 401
    new = make_assertion()
    assert request_token(neighbour.test_client(), new).status_code == 200


def test_an_assertion_that_arrives_many_times_at_once_is_accepted_once(
    app: Flask, neighbour: Flask, make_assertion: MakeAssertion
) -> None:
    """Two requests at the same moment both found the assertion unused."""
    text = make_assertion()

    def send(number: int) -> int:
        http = (app, neighbour)[number % 2].test_client()
        return request_token(http, text).status_code

    assert Counter(in_parallel(send)) == {200: 1, 401: THREADS - 1}


def test_different_assertions_that_arrive_at_once_are_all_accepted(
    app: Flask, make_assertion: MakeAssertion
) -> None:
    """A busy client must not be refused as if it replayed an assertion."""
    texts = [make_assertion() for _ in range(THREADS)]

    def send(number: int) -> int:
        return request_token(app.test_client(), texts[number]).status_code

    assert Counter(in_parallel(send)) == {200: THREADS}


def in_parallel(work: Callable[[int], int]) -> list[int]:
    """Run the work in many threads at the same moment, and return the results."""
    results: list[int] = []
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> None:
        barrier.wait()
        results.append(work(number))

    threads = [threading.Thread(target=run, args=[n]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
