"""Grants and scopes that the token endpoint refuses (RFC 6749 §5.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import MakeApp, Register, Registered, grant
from .conftest import assert_refused


def test_a_public_client_may_not_use_client_credentials(
    http: FlaskClient, register: Register, db: SQLAlchemy
) -> None:
    """RFC 6749 §4.4: the grant is for confidential clients only."""
    client = register(public=True)
    client.client.grant_types = ("client_credentials",)
    db.session.commit()
    parameters = {"grant_type": "client_credentials", "client_id": client.client_id}

    answer = http.post("/oauth/token", data=parameters)

    assert_refused(answer, 400, "unauthorized_client")


def test_a_client_uses_the_grants_it_is_registered_for(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §5.2, unauthorized_client."""
    uris = ["https://a.example/"]
    client = register(grant_types=["implicit"], redirect_uris=uris)

    assert_refused(
        http.post("/oauth/token", data=grant(client)), 400, "unauthorized_client"
    )


@pytest.mark.parametrize(
    "grant_type", ["password", "implicit", "client_credentials ", "ünbekannt", "<b>"]
)
def test_an_unknown_grant_type_is_unsupported(
    http: FlaskClient, registered: Registered, grant_type: str
) -> None:
    """RFC 6749 §5.2, `unsupported_grant_type`; the error does not repeat the value."""
    answer = http.post("/oauth/token", data=grant(registered, grant_type=grant_type))

    assert grant_type not in assert_refused(answer, 400, "unsupported_grant_type")


def test_a_grant_left_out_of_the_settings_is_unsupported(make_app: MakeApp) -> None:
    """RFC 6749 §5.2: a grant that TAPAUTH_GRANT_TYPES leaves out is refused."""
    http = make_app(TAPAUTH_GRANT_TYPES=["implicit"]).test_client()

    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"})

    assert_refused(answer, 400, "unsupported_grant_type")


def test_a_missing_grant_type_is_a_malformed_request(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2, invalid_request: a required parameter is missing."""
    answer = http.post("/oauth/token", data=grant(registered, grant_type=""))

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "scope",
    [
        "orders:delete",
        "orders:read orders:delete",
        'a"b',
        "orders:réad",
        "a\\b",
        "a\tb",
    ],
)
def test_more_scope_than_registered_is_refused_and_not_cut(
    http: FlaskClient, registered: Registered, scope: str
) -> None:
    """RFC 6749 §5.2, `invalid_scope`, if one of the scopes is wrong."""
    answer = http.post("/oauth/token", data=grant(registered, scope=scope))

    assert_refused(answer, 400, "invalid_scope")


def test_a_scope_taken_out_of_the_settings_is_not_given(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path
) -> None:
    """A scope that TAPAUTH_SCOPES does not list is `invalid_scope`."""
    database = f"sqlite:///{tmp_path / 'clients.db'}"
    before = make_app(SQLALCHEMY_DATABASE_URI=database)
    after = make_app(
        SQLALCHEMY_DATABASE_URI=database, TAPAUTH_SCOPES={"orders:read": "Read orders"}
    )
    with before.app_context():
        client = tapauth.clients.create("R", scopes="orders:read orders:write")
    http = after.test_client()

    answer = http.post("/oauth/token", data=grant(client))
    assert answer.get_json()["scope"] == "orders:read"
    answer = http.post("/oauth/token", data=grant(client, scope="orders:write"))
    assert_refused(answer, 400, "invalid_scope")


def test_other_methods_are_refused(http: FlaskClient) -> None:
    """RFC 6749 §3.2: the client must use POST."""
    answer = http.get("/oauth/token")

    assert answer.status_code == 405
    assert answer.headers["Allow"] in ("POST, OPTIONS", "OPTIONS, POST")
