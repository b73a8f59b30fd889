"""An app on a database that several processes and connections can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import TapAuth

from ...conftest import DATABASE_URL, IssueToken, MakeApp, Register, Registered
from .. import REFRESHING


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a database in a file, which other processes can open."""
    return DATABASE_URL if DATABASE_URL != "sqlite://" else f"sqlite:///{tmp_path}/db"


@pytest.fixture
def app(request: pytest.FixtureRequest, make_app: MakeApp, url: str) -> Flask:
    """An app with refresh tokens; an indirect parameter has more settings."""
    settings = getattr(request, "param", {})
    return make_app(SQLALCHEMY_DATABASE_URI=url, **settings)


@pytest.fixture
def registered(register: Register) -> Registered:
    """A client that gets refresh tokens."""
    return register(client_id="reports", grant_types=REFRESHING)


@pytest.fixture
def issue_token(register: Register, tapauth: TapAuth) -> IssueToken:
    """Issue an access token to a client that gets no refresh token with it."""
    machine = register(client_id="machine")

    def issue_token(client: Registered = machine, **wanted: Any) -> str:
        token: str = tapauth.tokens.issue(client, **wanted)["access_token"]
        return token

    return issue_token
