"""An app on each database: SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import (
    RegisteredClient,
    TapAuth,
)

from ...conftest import MakeApp, grant


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
        return tapauth.clients.create("Reports", **registration)


def get_token(http: FlaskClient, client: RegisteredClient) -> str:
    answer = http.post("/oauth/token", data=grant(client))
    token: str = answer.get_json()["access_token"]
    return token


def run(host: Flask, db: SQLAlchemy, *statements: str) -> None:
    """Run statements directly on the database."""
    with host.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
