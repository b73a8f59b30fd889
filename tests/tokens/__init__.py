"""List, revoke and purge tokens: the helpers that these tests share."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from ..conftest import Registered, Run, bearer, grant

REFRESHING = ["client_credentials", "refresh_token"]
"""The grants of a client that gets refresh tokens."""


def as_json(run: Run, *arguments: str) -> Any:
    """Run a command of ``flask tapauth tokens``, and read what it prints."""
    result = run("tokens", *arguments, "--json")
    if result.exit_code:
        raise AssertionError(result.stderr)
    return json.loads(result.stdout)


def opens(http: FlaskClient, token: str) -> bool:
    return http.get("/whoami", headers=bearer(token)).status_code == 200


def get_pair(http: FlaskClient, client: Registered) -> tuple[str, str]:
    """Get an access token and the first refresh token of a new family."""
    answer = http.post("/oauth/token", data=grant(client)).get_json()
    return answer["access_token"], answer["refresh_token"]


def renew(http: FlaskClient, client: Registered, refresh_token: str) -> TestResponse:
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return http.post("/oauth/token", data=grant(client, **wanted))


def renewed_pair(
    http: FlaskClient, client: Registered, refresh_token: str
) -> tuple[str, str]:
    answer = renew(http, client, refresh_token).get_json()
    return answer["access_token"], answer["refresh_token"]


def add_expired(
    db: SQLAlchemy, tapauth: TapAuth, client: Registered, count: int, ago: int = 60
) -> None:
    """Store access tokens that nobody has, and that expired `ago` seconds ago."""
    row = {
        "client_pk": client.client.id,
        "scopes": (),
        "issued_at": 0,
        "expires_at": int(time.time()) - ago,
    }
    rows = [{**row, "digest": secrets.token_bytes(32)} for _ in range(count)]
    db.session.execute(sa.insert(tapauth.Token), rows)
    db.session.commit()


def set_all(db: SQLAlchemy, model: Any, **values: Any) -> None:
    """Set columns of all rows."""
    db.session.execute(sa.update(model).values(**values))
    db.session.commit()


def count(db: SQLAlchemy, model: Any) -> int:
    db.session.rollback()  # MariaDB would count the rows of an older snapshot
    found = db.session.scalar(sa.select(sa.func.count()).select_from(model))
    db.session.rollback()
    return found or 0


def family_model(tapauth: TapAuth) -> Any:
    """The model of token families, which is not public."""
    return _model(tapauth, "tapauth_family")


def refresh_token_model(tapauth: TapAuth) -> Any:
    return _model(tapauth, "tapauth_refresh_token")


def assertion_model(tapauth: TapAuth) -> Any:
    return _model(tapauth, "tapauth_assertion")


def _model(tapauth: TapAuth, table: str) -> Any:
    mappers = tapauth.Token.registry.mappers  # type: ignore[attr-defined]
    [model] = [m.class_ for m in mappers if m.local_table.name == table]
    return model
