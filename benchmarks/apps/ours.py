"""Flask-TapAuth, as a user would write it; ``TAPAUTH_*`` are environment variables."""

from __future__ import annotations

import os
import secrets
import time
from typing import Any

from benchmarks.apps.host import LIFETIME, SCOPE, insert, make_host
from flask_tapauth import TapAuth, require_token

app, db = make_host()
app.config.from_prefixed_env("BENCH")  # TAPAUTH_…; values are JSON
if url := os.environ.get("BENCH_REDIS_URL"):
    app.config["TAPAUTH_CACHE"] = url
tapauth = TapAuth(app, db)


@app.get("/orders")
@require_token(SCOPE)
def orders() -> dict[str, Any]:
    return {"orders": []}


def seed(rows: int) -> dict[str, Any]:
    """Fill the tables with a client and its tokens."""
    now = int(time.time())
    with app.app_context():
        db.create_all()
        client = tapauth.clients.create("Reports", scopes=SCOPE)
        row = {
            "client_pk": client.client.id,
            "scopes": (SCOPE,),
            "issued_at": now,
            "expires_at": now + LIFETIME,
        }
        insert(
            db,
            tapauth.Token,
            [{**row, "digest": secrets.token_bytes(32)} for _ in range(rows - 1)],
        )
        issued = tapauth.tokens.issue(client, expires_in=LIFETIME)
        chosen: dict[str, Any] = {
            "client_id": "imported",
            "client_secret": "chosen-by-somebody",
        }
        tapauth.clients.create("Imported", scopes=SCOPE, **chosen)
    return {
        "token": issued["access_token"],
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "chosen": chosen,
    }
