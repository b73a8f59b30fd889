"""Several apps on one database: each is a resource of its own (RFC 8707)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, require_token

from ..conftest import bearer, grant

ONE = {"TAPAUTH_RESOURCES": ["https://one.example"]}
TWO = {"TAPAUTH_RESOURCES": ["https://two.example"]}


@pytest.fixture
def apps(tmp_path: Any) -> Iterator[tuple[Flask, Flask]]:
    """Two apps that differ in nothing but the resource that they are."""

    made: list[tuple[Flask, SQLAlchemy]] = []

    def make(settings: dict[str, Any]) -> Flask:
        app = Flask("host")
        uri = f"sqlite:///{tmp_path}/shared.db"
        app.config.update(settings, SQLALCHEMY_DATABASE_URI=uri, TESTING=True)
        db = SQLAlchemy(app)
        app.extensions["under test"] = TapAuth(app, db)
        app.get("/guarded")(require_token(lambda: "in"))
        with app.app_context():
            db.create_all()
        made.append((app, db))
        return app

    yield make(ONE), make(TWO)
    for app, db in made:
        with app.app_context():
            db.engine.dispose()


def test_a_token_of_one_app_is_refused_by_the_other(apps: tuple[Flask, Flask]) -> None:
    """RFC 8707 §2: each app is a resource of its own."""
    one, two = apps
    with one.app_context():
        tapauth = one.extensions["under test"]
        client = tapauth.clients.create("Reports")
        by_hand = tapauth.tokens.issue(client)["access_token"]
    asked = one.test_client().post("/oauth/token", data=grant(client)).get_json()

    for token in (by_hand, asked["access_token"]):
        seen = [
            app.test_client().get("/guarded", headers=bearer(token)).status_code
            for app in (one, two)
        ]
        assert seen == [200, 401]


def test_introspection_names_the_audience_at_each_app(
    apps: tuple[Flask, Flask],
) -> None:
    """RFC 7662 §2.2: an app must not name itself for the other's token."""
    one, two = apps
    with one.app_context():
        client = one.extensions["under test"].clients.create("Reports")
    token = one.test_client().post("/oauth/token", data=grant(client)).get_json()
    form = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "token": token["access_token"],
    }

    told = two.test_client().post("/oauth/introspect", data=form).get_json()

    assert told["active"] is True
    assert told["aud"] == ["https://one.example"]


def test_a_resource_server_sees_tokens_of_its_own_resource_only(
    apps: tuple[Flask, Flask],
) -> None:
    """RFC 7662 §4: a token for another resource is not active for it."""
    one, two = apps
    with one.app_context():
        tapauth = one.extensions["under test"]
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]
        asker = tapauth.clients.create("API", resource_server=True)
    form = {
        "client_id": asker.client_id,
        "client_secret": asker.client_secret,
        "token": token,
    }

    told = [
        app.test_client().post("/oauth/introspect", data=form).get_json()["active"]
        for app in (one, two)
    ]

    assert told == [True, False]


def test_a_refresh_token_is_refused_for_another_resource(
    apps: tuple[Flask, Flask],
) -> None:
    """RFC 8707 §2.2: the other app must not renew it for itself."""
    one, two = apps
    with one.app_context():
        client = one.extensions["under test"].clients.create(
            "Reports", grant_types=["client_credentials", "refresh_token"]
        )
    given = one.test_client().post("/oauth/token", data=grant(client)).get_json()
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    answer = two.test_client().post("/oauth/token", data=grant(client, **form))

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")
