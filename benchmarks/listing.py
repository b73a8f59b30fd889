"""``python -m benchmarks.listing``: what an operator waits for, in a large database.

It makes a database ``tapauth_listing`` on PostgreSQL, and drops it. One client has a
tenth of the tokens.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

_SERVER: Final = "postgresql+psycopg://postgres@127.0.0.1"
_DATABASE: Final = "tapauth_listing"
_DAY: Final = 24 * 3600
_ROUNDS: Final = 3
_MOST_SECONDS: Final = 1

_FILL: Final = (
    """
    INSERT INTO tapauth_client (client_id, client_name, secret_hash, grant_types, scope,
        redirect_uris, is_resource_server, skip_consent, keeps_refresh_token,
        created_at, secret_expires_at, last_used_at)
    SELECT 'client-' || i, 'Client ' || i, 'sha256$x', 'client_credentials', 'a b',
        '', false, false, false, extract(epoch FROM now()) - i,
        CASE WHEN i % 10 = 0 THEN extract(epoch FROM now()) + i END,
        extract(epoch FROM now()) - i * 10
    FROM generate_series(1, :clients) AS i
    """,
    """
    INSERT INTO tapauth_token (digest, client_pk, user_id, scope, issued_at, expires_at)
    SELECT sha256(int8send(i)), CASE WHEN i % 10 = 0 THEN 1 ELSE 1 + i % :clients END,
        (i % 100000)::text, 'a', extract(epoch FROM now()) - (:tokens - i) / 100,
        extract(epoch FROM now()) - (:tokens - i) / 100 + 30 * 86400
    FROM generate_series(1, :tokens) AS i
    """,
    """
    INSERT INTO tapauth_event (time, action, client_id, user_id, reason)
    SELECT extract(epoch FROM now()) - (:tokens - i) / 100, 'token_issued',
        'client-' || (1 + i % :clients), (i % 100000)::text, 'client_credentials'
    FROM generate_series(1, :tokens / 10) AS i
    """,
    "ANALYZE",
)


def main() -> int:
    """Return 0 if nothing takes longer than a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10**6, metavar="N")
    parser.add_argument("--tokens", type=int, default=10**7, metavar="N")
    wanted = parser.parse_args()
    server = sa.create_engine(f"{_SERVER}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {_DATABASE}")
        try:
            return _measure(wanted.clients, wanted.tokens)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


def _measure(clients: int, tokens: int) -> int:
    app = Flask("listing")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"{_SERVER}/{_DATABASE}"
    app.config["TAPAUTH_AUDIT"] = True
    db = SQLAlchemy(app)
    tapauth = TapAuth(app, db)
    calls: dict[str, Callable[[], Sequence[Any]]] = {
        "clients list --limit 100": lambda: tapauth.clients.list(limit=100),
        "clients list --state expired": lambda: tapauth.clients.list(
            state="expired", limit=100
        ),
        "clients list --expiring 1d": lambda: tapauth.clients.list(
            expiring=_DAY, limit=100
        ),
        "clients list --unused 90d": lambda: tapauth.clients.list(
            unused=90 * _DAY, limit=100
        ),
        "tokens list": lambda: tapauth.tokens.list(),
        "tokens list --client, which has ten": lambda: tapauth.tokens.list(
            client="client-77"
        ),
        "tokens list --client, which has a tenth": lambda: tapauth.tokens.list(
            client="client-1"
        ),
        "tokens list --user": lambda: tapauth.tokens.list(user_id=77),
        "events list": lambda: tapauth.events.list(),
        "events list --client": lambda: tapauth.events.list(client="client-5"),
    }
    slowest = 0.0
    with app.app_context():
        db.create_all()
        for statement in _FILL:
            db.session.execute(
                sa.text(statement), {"clients": clients, "tokens": tokens}
            )
            db.session.commit()
        for name, call in calls.items():
            seconds = min(_time(db, call) for _ in range(_ROUNDS))
            slowest = max(slowest, seconds)
            print(f"{name:40} {seconds * 1000:8.1f} ms")
        db.session.remove()
        db.engine.dispose()
    return int(slowest > _MOST_SECONDS)


def _time(db: SQLAlchemy, call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    seconds = time.perf_counter() - begun
    db.session.rollback()
    db.session.expunge_all()
    return seconds


if __name__ == "__main__":
    sys.exit(main())
