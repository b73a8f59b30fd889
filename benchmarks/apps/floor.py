"""The least that an opaque token can cost: the same SELECT, written by hand.

The session is made as ``db.session`` is.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import sqlalchemy as sa
from flask import abort, request

from benchmarks.apps.host import SCOPE, make_host

app, db = make_host()

SELECT = sa.text(
    "SELECT c.client_id, t.user_id, t.scope, t.issued_at, t.expires_at, t.audience,"
    " c.secret_expires_at, t.revoked_at IS NOT NULL OR c.disabled_at IS NOT NULL OR"
    " t.family_id IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL)"
    " AS was_withdrawn"
    " FROM tapauth_token t JOIN tapauth_client c ON t.client_pk = c.id"
    " LEFT OUTER JOIN tapauth_family f ON t.family_id = f.id"
    " WHERE t.digest = :digest"
)


def look_up(digest: bytes) -> Any:
    with db.session.session_factory() as session:
        return session.execute(SELECT, {"digest": digest}).first()


@app.get("/orders")
def orders() -> dict[str, Any]:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    row = look_up(hashlib.sha256(token.encode()).digest())
    if row is None or row.expires_at <= time.time() or SCOPE not in row.scope.split():
        abort(401)
    return {"orders": []}
