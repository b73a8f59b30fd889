"""An app with a few guarded views, clients and tokens, which all tests share."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import RegisteredClient, TapAuth, current_token, require_token

from .outside import ProgramClient, run_command
from .services import SERVERS, describe_needs, own_database

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "sqlite://")
"""Where the tests keep their tables; any database that SQLAlchemy can reach."""

Registered = RegisteredClient
Run = Callable[..., Result]
Register = Callable[..., RegisteredClient]
IssueToken = Callable[..., str]


def pytest_report_header() -> list[str]:
    """Print at the top of a run what the suite needs, and what it skips."""
    return describe_needs()


class MakeApp(Protocol):
    def __call__(self, **settings: Any) -> Flask: ...


@pytest.fixture(scope="session", params=["sqlite", *SERVERS])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.URL]:
    """Make an empty database on SQLite or on a server."""
    with own_database(request.param, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture
def db() -> SQLAlchemy:
    class Base(DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


@pytest.fixture
def tapauth(db: SQLAlchemy) -> TapAuth:
    return TapAuth(db=db)


@pytest.fixture
def make_app(db: SQLAlchemy, tapauth: TapAuth) -> Iterator[MakeApp]:
    """Return a function that makes apps, each with new tables."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = Flask("host")
        app.config.update(SQLALCHEMY_DATABASE_URI=DATABASE_URL, TESTING=True)
        app.config.update(settings)
        app.test_client_class = ProgramClient
        db.init_app(app)
        tapauth.init_app(app)
        _add_views(app)
        with app.app_context():
            db.drop_all()
            db.create_all()
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.drop_all()
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    """A program that calls the app. `client` would be a word for an OAuth client."""
    return app.test_client()


@pytest.fixture
def register(app: Flask, tapauth: TapAuth) -> Register:
    """Register an OAuth client in the app."""

    def register(**registration: Any) -> RegisteredClient:
        registration.setdefault("scopes", ["orders:read", "orders:write"])
        if registration.get("public"):  # it may not have the default grant type
            registration.setdefault("grant_types", ["implicit"])
            registration.setdefault("redirect_uris", ["https://page.example/"])
        return tapauth.clients.create("Reports", **registration)

    return register


@pytest.fixture
def expire(app: Flask, db: SQLAlchemy) -> Callable[[str], None]:
    """Let a client's secret expire; no client can be registered with a past date."""

    def expire(client_id: str) -> None:
        client: Any = app.extensions["tapauth"].clients.get(client_id)
        client.secret_expires_at = int(time.time()) - 1
        db.session.commit()

    return expire


@pytest.fixture
def registered(register: Register) -> RegisteredClient:
    return register()


@pytest.fixture
def issue_token(
    app: Flask, tapauth: TapAuth, registered: RegisteredClient
) -> IssueToken:
    """Issue an access token, to the registered client unless another is named."""

    def issue_token(client: Any = registered, **wanted: Any) -> str:
        token: str = tapauth.tokens.issue(client, **wanted)["access_token"]
        return token

    return issue_token


@pytest.fixture
def token(issue_token: IssueToken) -> str:
    return issue_token()


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let whole seconds pass, on a clock that stands still otherwise."""

    def wait(seconds: int) -> None:
        then = int(time.time()) + seconds
        monkeypatch.setattr(time, "time", lambda: then)

    wait(0)

    return wait


@pytest.fixture
def run(app: Flask) -> Run:
    """Run ``flask tapauth …`` in the app; stdout and stderr are apart."""
    return lambda *arguments: run_command(app, *arguments)


def bearer(token: str) -> dict[str, str]:
    """Return the header with a token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {token}"}


def names_no_error(challenge: str) -> bool:
    """Tell whether a challenge names no error (RFC 6750 §3.1), but where to learn more
    (RFC 9728 §5.1), and perhaps scopes."""
    found = re.fullmatch(
        r'Bearer (scope="[^"]+", )?resource_metadata="[^"]+'
        r'/.well-known/oauth-protected-resource"',
        challenge,
    )
    return found is not None


def grant(client: RegisteredClient, **parameters: Any) -> dict[str, Any]:
    """Return the parameters of a valid token request (RFC 6749 §4.4.2)."""
    return {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        **parameters,
    }


def _add_views(app: Flask) -> None:
    @app.route("/whoami", methods=["GET", "POST"])
    @require_token
    def whoami() -> dict[str, Any]:
        return {
            "client_id": current_token.client_id,
            "user_id": current_token.user_id,
            "scopes": list(current_token.scopes),
        }

    @app.get("/orders")
    @require_token("orders:read")
    def orders() -> dict[str, Any]:
        return {"orders": []}
