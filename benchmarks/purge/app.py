"""The app that is purged, and its rows."""

from __future__ import annotations

import os
import time

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import RegisteredClient, TapAuth, require_token

EXPIRED = """
INSERT INTO tapauth_token (digest, client_pk, scope, issued_at, expires_at)
SELECT sha256(n::text::bytea), :client, 'orders:read', :now - 3600 - n, :now - 1 - n
FROM generate_series(1, :rows) AS n
"""
LIVE = """
INSERT INTO tapauth_token (digest, client_pk, scope, issued_at, expires_at)
SELECT sha256((-n)::text::bytea), :client, 'orders:read', :now, :now + 86400
FROM generate_series(1, :rows) AS n
"""


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


def create_app() -> Flask:
    """Make the app on the database that `DATABASE_URL` names."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/check")
    @require_token("orders:read")
    def check() -> dict[str, bool]:
        return {"ok": True}

    return app


def fill(rows: int, live: int) -> RegisteredClient:
    """Make the tables and their rows, and return the client that they belong to."""
    with create_app().app_context():
        db.create_all()
        client = tapauth.clients.create("Load", scopes="orders:read")
        values = {"client": client.client.id, "now": int(time.time())}
        db.session.execute(sa.text(EXPIRED), {**values, "rows": rows})
        db.session.execute(sa.text(LIVE), {**values, "rows": live})
        db.session.commit()
        with db.engine.connect() as connection:
            # As autovacuum would have done long before.
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE tapauth_token")
        db.engine.dispose()
    return client
