"""A person who deletes their account in the example withdraws their permissions."""

from __future__ import annotations

from pathlib import Path

import pytest

import example_app
from example_app.data import PASSWORDS
from example_app.models import db, tapauth

from ..conftest import bearer


def test_a_deleted_account_leaves_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later account with the same id would have inherited the tokens."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'example.db'}")
    host = example_app.create_app()
    email, password = next(iter(PASSWORDS.items()))
    with host.app_context():
        client = tapauth.clients.create("Page", scopes="orders:read")
        token = tapauth.tokens.issue(client, user_id=1)["access_token"]
    person, program = host.test_client(), host.test_client()
    credentials = {"email": email, "password": password}
    assert person.post("/sign-in", data=credentials).status_code == 302
    orders = "/api/v1/orders?limit=1"
    assert program.get(orders, headers=bearer(token)).status_code == 200

    assert person.post("/delete-account").status_code == 302

    assert person.post("/sign-in", data=credentials).status_code == 401
    assert program.get(orders, headers=bearer(token)).status_code == 401
    with host.app_context():
        db.engine.dispose()
