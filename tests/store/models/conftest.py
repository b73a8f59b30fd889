"""A host with models of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask

from flask_tapauth import (
    RegisteredClient,
    TapAuth,
)

from ...app.hosts.conftest import start as start
from ...conftest import bearer, grant


def walk(app: Flask, tapauth: TapAuth, **columns: Any) -> RegisteredClient:
    """Register a client, get a token over HTTP, and open a guarded view."""
    http = app.test_client()
    with app.app_context():
        client = tapauth.clients.create("Reports", **columns)
    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    answer = http.get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
    assert answer.get_json() == {"client_id": client.client_id}
    return client
