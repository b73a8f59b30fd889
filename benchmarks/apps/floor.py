"""The least that an opaque token costs: our SELECT, written by hand.

On an engine of its own in AUTOCOMMIT, or on ``db.session`` with ``BENCH_SESSION=1``.
"""

from __future__ import annotations

import hashlib
import os
import time
from typing import Any

import sqlalchemy as sa
from flask import abort, request

from benchmarks.apps.host import DATABASE_URL, SCOPE, make_host

app, db = make_host()
engine = sa.create_engine(DATABASE_URL, isolation_level="AUTOCOMMIT")

SELECT = sa.text(
    "SELECT c.client_id, t.user_id, t.scope, t.issued_at, t.expires_at, t.audience,"
    " c.secret_expires_at, t.revoked_at IS NOT NULL OR c.disabled_at IS NOT NULL OR"
    " t.family_id IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL)"
    " AS was_withdrawn"
    " FROM tapauth_token t JOIN tapauth_client c ON t.client_pk = c.id"
    " LEFT OUTER JOIN tapauth_family f ON t.family_id = f.id"
    " WHERE t.digest = :digest"
)


def _in_autocommit(digest: bytes) -> Any:
    with engine.connect() as connection:
        return connection.execute(SELECT, {"digest": digest}).first()


def _in_session(digest: bytes) -> Any:
    return db.session.execute(SELECT, {"digest": digest}).first()


look_up = _in_session if os.environ.get("BENCH_SESSION") else _in_autocommit


@app.get("/orders")
def orders() -> dict[str, Any]:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    row = look_up(hashlib.sha256(token.encode()).digest())
    if row is None or row.expires_at <= time.time() or SCOPE not in row.scope.split():
        abort(401)
    return {"orders": []}
