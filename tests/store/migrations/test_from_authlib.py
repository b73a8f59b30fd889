"""From a table on Authlib's mixin to ours, as how-to/moving/authlib.md shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import mapped_column

from flask_tapauth import TapAuth

from ... import ROOT
from ...conftest import DATABASE_URL
from ...docs.blocks import read_page
from ...outside import run_command

DOCUMENT = ROOT / "docs" / "how-to" / "moving" / "authlib.md"
METADATA = {"client_name": "Old", "scope": "orders:read", "response_types": ["token"]}


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The ``orders.py`` of the document: the old table has clients, ours are empty."""
    db: Any = SQLAlchemy()

    class OldClient(OAuth2ClientMixin, db.Model):
        __tablename__ = "oauth2_client"

        id = mapped_column(sa.Integer, primary_key=True)

    orders: Any = ModuleType("orders")
    orders.app, orders.db, orders.OldClient = Flask("orders"), db, OldClient
    orders.app.config.update(SQLALCHEMY_DATABASE_URI=DATABASE_URL, TESTING=True)
    db.init_app(orders.app)
    TapAuth(orders.app, db)
    machine = OldClient(client_id="machine", client_secret="was in the clear")
    grants = ["client_credentials", "password"]
    machine.set_client_metadata({**METADATA, "grant_types": grants})
    page = OldClient(client_id="page", client_secret="", client_id_issued_at=1600000000)
    page.set_client_metadata(
        {
            **METADATA,
            "grant_types": ["implicit"],
            "redirect_uris": ["https://page.example/"],
            "token_endpoint_auth_method": "none",
        }
    )
    with orders.app.app_context():
        db.drop_all()
        db.create_all()
        db.session.add_all([machine, page])
        db.session.commit()
    monkeypatch.setitem(sys.modules, "orders", orders)
    yield orders
    with orders.app.app_context():
        db.drop_all()
        db.engine.dispose()


@pytest.fixture
def export() -> str:
    """The script in the document."""
    [script] = [
        block.code for block in read_page(DOCUMENT) if block.file == "export_clients.py"
    ]
    return script


def test_the_documented_script_moves_clients_with_their_secrets(
    orders: Any, export: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """docs/how-to/moving/authlib.md: the clients need not be registered again."""
    exec(export, {})  # noqa: S102 - the document's own
    file = tmp_path / "clients.jsonl"
    file.write_text(capsys.readouterr().out)

    result = run_command(orders.app, "clients", "import", str(file))

    assert (result.exit_code, result.stderr) == (0, "")
    http = orders.app.test_client()
    credentials = {"client_id": "machine", "client_secret": "was in the clear"}
    asked = {"grant_type": "client_credentials", **credentials}
    token = http.post("/oauth/token", data=asked).get_json()
    assert token["scope"] == "orders:read"
    with orders.app.app_context():
        machine, page = orders.app.extensions["tapauth"].clients.list()
    assert (machine.client_name, machine.grant_types) == (
        "Old",
        ("client_credentials",),
    )
    assert page.is_public
    assert page.redirect_uris == ("https://page.example/",)
    assert page.created_at == 1600000000
