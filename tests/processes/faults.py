"""Faults of a database, and the requests that are sent during each fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from ..conftest import bearer
from .conftest import terminate_backends
from .two_apps import Grants
from .wire import Wire

REDIRECT_URI = "https://page.example/callback"


@dataclass
class Situation:
    """A host, its tokens, and the wire that its database is reached by."""

    host: Flask
    db: SQLAlchemy
    grants: Grants
    wire: Wire
    database: sa.URL
    person: FlaskClient
    """The browser of somebody who is signed in."""
    page: dict[str, str]
    """The parameters of an implicit grant."""
    form: dict[str, str]
    """The form of a user who consents."""


class Person:
    id = 7


def set_up(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, wire: Wire, database: sa.URL
) -> Situation:
    tapauth.current_user_loader(Person)
    grants = Grants(host, tapauth, db)
    with host.app_context():
        page = tapauth.clients.create(
            "Page",
            public=True,
            grant_types=["implicit"],
            scopes="orders:read",
            redirect_uris=[REDIRECT_URI],
        )
        db.session.remove()
    query = {"response_type": "token", "client_id": page.client_id}
    person = host.test_client()
    html = person.get("/oauth/authorize", query_string=query).text
    found = re.search(r'name="consent" value="([^"]+)"', html)
    assert found is not None, html
    form = {"consent": found[1], "decision": "allow"}
    situation = Situation(host, db, grants, wire, database, person, query, form)
    assert view(situation).status_code == 200  # opens a connection
    return situation


def view(it: Situation) -> TestResponse:
    return it.host.test_client().get("/orders", headers=bearer(it.grants.token))


def issue(it: Situation) -> TestResponse:
    return it.grants.post("token", grant_type="client_credentials")


def renew(it: Situation) -> TestResponse:
    renewal = {"grant_type": "refresh_token", "refresh_token": it.grants.refresh}
    return it.grants.post("token", **renewal)


def revoke(it: Situation) -> TestResponse:
    return it.grants.post("revoke", token=it.grants.token)


def revoke_refresh_token(it: Situation) -> TestResponse:
    return it.grants.post("revoke", token=it.grants.refresh)


def introspect(it: Situation) -> TestResponse:
    return it.grants.post("introspect", token=it.grants.token)


def ask_a_person(it: Situation) -> TestResponse:
    return it.person.get("/oauth/authorize", query_string=it.page)


def allow(it: Situation) -> TestResponse:
    return it.person.post("/oauth/authorize", data=it.form)


@contextmanager
def cut(it: Situation) -> Iterator[None]:
    """Reset the connections, and those that are opened meanwhile."""
    it.wire.cut()
    yield
    it.wire.mend()


@contextmanager
def restarted(it: Situation) -> Iterator[None]:
    """Let the server close the connections that are open."""
    assert terminate_backends(it.database)
    yield


@contextmanager
def exhausted(it: Situation) -> Iterator[None]:
    """Use all connections of the pool."""
    with it.host.app_context():
        engine = it.db.engine
    with engine.connect(), engine.connect():
        yield


Fault = Callable[[Situation], AbstractContextManager[None]]
Ask = Callable[[Situation], TestResponse]

FAULTS: list[Fault] = [cut, restarted, exhausted]
PROGRAMS: list[Ask] = [view, issue, renew, revoke, revoke_refresh_token, introspect]
PEOPLE: list[Ask] = [ask_a_person, allow]
