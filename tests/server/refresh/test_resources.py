"""For which resources a refreshed token is, after the app's settings changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Registered, grant
from ..introspection.conftest import introspect
from .conftest import BOTH, refresh, refusal, request_tokens

HERE, THERE = "https://api.example", "https://other.example"


@pytest.fixture
def apps(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path
) -> tuple[FlaskClient, FlaskClient, Registered]:
    """An app, the same app after a resource was taken out, and a client of both."""
    settings = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'host.db'}",
        "TAPAUTH_ISSUER": "http://localhost",
    }
    before = make_app(**settings, TAPAUTH_RESOURCES=[HERE, THERE])
    after = make_app(**settings, TAPAUTH_RESOURCES=[HERE])
    with before.app_context():
        client = tapauth.clients.create("Reports", grant_types=BOTH)
    return before.test_client(), after.test_client(), client


def test_a_resource_taken_out_of_the_settings_is_not_granted_again(
    apps: tuple[FlaskClient, FlaskClient, Registered],
) -> None:
    """RFC 8707 §2: a service that was shut out would be opened for 14 more days."""
    before, after, client = apps
    first = request_tokens(before, grant(client, resource=[HERE, THERE]))

    second = request_tokens(after, refresh(client, first["refresh_token"]))

    assert introspect(after, client, second["access_token"])["aud"] == HERE


def test_a_family_whose_only_resource_was_taken_out_is_not_renewed(
    apps: tuple[FlaskClient, FlaskClient, Registered],
) -> None:
    """RFC 8707 §2: invalid_target, and no token for another resource instead."""
    before, after, client = apps
    first = request_tokens(before, grant(client, resource=THERE))

    asked = refresh(client, first["refresh_token"])
    assert refusal(after, asked) == (400, "invalid_target")
