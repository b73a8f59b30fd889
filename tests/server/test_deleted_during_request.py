"""A client is deleted while its request for a token is being answered."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, signals

from ..conftest import MakeApp, grant
from ..outside import run_command
from .conftest import assert_failed_authentication


@pytest.mark.parametrize(
    "grant_types",
    [["client_credentials"], ["client_credentials", "refresh_token"]],
    ids=["access token", "both tokens"],
)
def test_a_client_deleted_after_its_authentication_gets_no_token(
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    database: sa.URL,
    grant_types: list[str],
) -> None:
    """RFC 6749 §5.2: the client is told that it is unknown, and not by a 500."""
    app = make_app(SQLALCHEMY_DATABASE_URI=database)
    with app.app_context():
        client = tapauth.clients.create("Reports", grant_types=grant_types)
        if database.get_backend_name() == "sqlite":  # which checks no keys by itself
            sa.event.listen(
                db.engine,
                "connect",
                lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"),
            )
            db.session.remove()  # or its connection is left in the pool that goes
            db.engine.dispose()

    def delete(_: Flask, **__: Any) -> None:
        result = Context().run(
            run_command, app, "clients", "delete", client.client_id, "--yes"
        )
        assert result.exit_code == 0, result.output

    with signals.client_authenticated.connected_to(delete, app):
        answer = app.test_client().post("/oauth/token", data=grant(client))

    assert_failed_authentication(answer)
