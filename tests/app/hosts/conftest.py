"""Start apps that are set up in unusual ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, current_token, require_token

from ...conftest import DATABASE_URL
from ...server.implicit.conftest import make_host as make_host

Start = Callable[..., Flask]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start apps on the `db` that a test gives, with new tables."""
    started: list[tuple[SQLAlchemy, Flask]] = []

    def start(
        db: SQLAlchemy, tapauth: TapAuth, app: Flask | None = None, **settings: Any
    ) -> Flask:
        app = app or Flask("host")
        app.config.update(SQLALCHEMY_DATABASE_URI=DATABASE_URL, TESTING=True)
        app.config.update(settings)
        db.init_app(app)
        tapauth.init_app(app)

        @app.get("/whoami")
        @require_token
        def whoami() -> dict[str, Any]:
            return {"client_id": current_token.client_id}

        with app.app_context():
            db.drop_all()
            db.create_all()
        started.append((db, app))
        return app

    yield start
    for db, app in started:
        with app.app_context():
            db.session.remove()
            db.drop_all()
            for engine in db.engines.values():
                engine.dispose()
