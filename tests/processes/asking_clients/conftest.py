"""Hosts with client models of their own, and a client that requests a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ClientMixin, TapAuth, signals

from ...conftest import grant
from ..conftest import NewDatabase

MakeHost = Callable[..., Flask]


@pytest.fixture
def client_model(db: SQLAlchemy) -> Any:
    """A client model that adds nothing."""
    model: Any = db.Model

    class Client(ClientMixin, model):
        pass

    return Client


@pytest.fixture
def make_host(db: SQLAlchemy, new_database: NewDatabase) -> MakeHost:
    """Make an app with a model of its own for clients, on a database in a file."""

    def make(
        model: Any, engine_options: dict[str, Any] | None = None, **columns: Any
    ) -> Flask:
        host = Flask("host")
        host.config["SQLALCHEMY_DATABASE_URI"] = new_database("sqlite")
        host.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options or {}
        db.init_app(host)
        tapauth = TapAuth(host, db, client_model=model)
        with host.app_context():
            db.create_all()
            host.config["CLIENT"] = tapauth.clients.create("Reports", **columns)
        return host

    return make


def told(host: Flask, ask: Callable[[Any], Any]) -> list[Any]:
    """Request a token; return what a receiver asks of the client, and the status."""
    found: list[Any] = []

    def hear(_: Flask, client: Any, **__: Any) -> None:
        found.append(ask(client))

    with signals.client_authenticated.connected_to(hear, host):
        data = grant(host.config["CLIENT"])
        found.append(host.test_client().post("/oauth/token", data=data).status_code)
    return found
