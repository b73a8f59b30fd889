"""An app on a file, and a client that authenticates with a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp

CHOSEN = "correct horse battery staple"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture
def host(make_app: MakeApp, file: Path) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}")


@pytest.fixture
def http(host: Flask) -> FlaskClient:
    return host.test_client()


def ask(http: FlaskClient, client_id: str, secret: str | None, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": client_id, **more}
    return http.post("/oauth/token", data={"client_secret": secret, **form})


def get_token(http: FlaskClient, client_id: str, secret: str | None) -> str:
    token: str = ask(http, client_id, secret).get_json()["access_token"]
    return token
