"""Two apps on one TapAuth, each with its own database and settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flask_tapauth import (
    TapAuth,
)

from ..conftest import MakeApp


@pytest.fixture
def one(make_app: MakeApp, tmp_path: Path) -> Flask:
    return make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/one.db",
        TAPAUTH_TOKEN_LOCATIONS=["bearer"],
    )


@pytest.fixture
def two(make_app: MakeApp, tmp_path: Path) -> Flask:
    """An app on the same TapAuth, with other settings than the first."""
    return make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/two.db",
        TAPAUTH_URL_PREFIX="/auth",
        TAPAUTH_SCOPES={"stock:read": "See the stock"},
        TAPAUTH_ACCESS_TOKEN_EXPIRES_IN=60,
        TAPAUTH_TOKEN_LOCATIONS=["header"],
    )


def issue(app: Flask, tapauth: TapAuth, client_id: str) -> str:
    """Register a client with this id in an app, and return a token of it."""
    with app.app_context():
        client = tapauth.clients.create("Reports", client_id=client_id)
        token: str = tapauth.tokens.issue(client)["access_token"]
    return token
