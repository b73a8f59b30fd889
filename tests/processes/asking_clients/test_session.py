"""The client that requests a token is the session's object, and up to date."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from .conftest import MakeHost, told


@pytest.fixture(params=["made of a row", "loaded by the ORM"])
def host(
    request: pytest.FixtureRequest, make_host: MakeHost, client_model: Any
) -> Flask:
    if request.param == "loaded by the ORM":
        sa.event.listen(client_model, "load", lambda *_: None)
    return make_host(client_model)


def disable_elsewhere(db: Any, model: Any) -> None:
    """Disable the clients, as another process would."""
    with db.engine.connect() as other:
        other.execution_options(isolation_level="AUTOCOMMIT")
        other.execute(sa.update(model).values(disabled_at=1))


def test_a_client_of_the_session_is_the_same_object(
    db: SQLAlchemy, host: Flask, client_model: Any
) -> None:
    """A session must have one object for a row."""
    loaded: list[Any] = []

    @host.before_request
    def load() -> None:
        loaded.append(db.session.scalars(sa.select(client_model)).one())

    assert told(host, lambda client: client is loaded[-1]) == [True, 200]


def test_a_client_of_the_session_is_refreshed(
    db: SQLAlchemy, host: Flask, client_model: Any
) -> None:
    """Another process may have disabled it."""
    loaded: list[Any] = []  # a session holds its objects weakly

    @host.before_request
    def load() -> None:
        loaded.append(db.session.scalars(sa.select(client_model)).one())
        disable_elsewhere(db, client_model)

    assert told(host, lambda client: client) == [401]


def test_unflushed_changes_to_a_client_are_kept(
    db: SQLAlchemy, host: Flask, client_model: Any
) -> None:
    """A change that is not written yet is the host's."""

    @host.before_request
    def change() -> None:
        db.session.scalars(sa.select(client_model)).one().client_name = "Changed"

    assert told(host, lambda client: client.client_name) == ["Changed", 200]


def test_unchanged_columns_of_a_client_are_refreshed(
    db: SQLAlchemy, host: Flask, client_model: Any
) -> None:
    """Also if another column has a pending change."""
    changed: list[Any] = []

    @host.before_request
    def change() -> None:
        changed.append(db.session.scalars(sa.select(client_model)).one())
        changed[-1].client_name = "Changed"
        disable_elsewhere(db, client_model)

    assert told(host, lambda client: client) == [401]
    assert changed[-1].client_name == "Changed"


def test_flushed_changes_to_a_client_count(
    db: SQLAlchemy, host: Flask, client_model: Any
) -> None:
    """The older row of another transaction must not replace them."""

    @host.before_request
    def disable() -> None:
        db.session.scalars(sa.select(client_model)).one().disabled_at = 5
        db.session.flush()

    assert told(host, lambda client: client) == [401]
