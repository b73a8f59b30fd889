"""Signed tokens next to refresh tokens, opaque tokens and introspection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth, current_token, require_token

from ...conftest import IssueToken, MakeApp, Register, bearer, grant
from ...server.implicit.browser import REDIRECT_URI, fragment, wanted
from .conftest import ISSUER, claims_of, header_of, make_key, signing


def test_a_refresh_token_is_opaque_and_gets_a_signed_access_token(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §1.5: only the server that issued a refresh token reads it."""
    client = register(grant_types=["client_credentials", "refresh_token"])
    first = http.post("/oauth/token", data=grant(client)).get_json()
    refresh = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
    }

    second = http.post("/oauth/token", data=grant(client, **refresh)).get_json()

    for answer in (first, second):
        assert answer["refresh_token"].startswith("taprt_")
        assert header_of(answer["access_token"])["typ"] == "at+jwt"
    assert (
        http.get("/whoami", headers=bearer(second["access_token"])).status_code == 200
    )


def test_a_refresh_token_opens_no_view(http: FlaskClient, register: Register) -> None:
    """RFC 6749 §1.5: it is never sent to a resource server."""
    client = register(grant_types=["client_credentials", "refresh_token"])
    token = http.post("/oauth/token", data=grant(client)).get_json()["refresh_token"]

    assert http.get("/whoami", headers=bearer(token)).status_code == 401


def test_the_implicit_grant_issues_a_signed_token(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 6749 §4.2.2, RFC 9068 §3: in the fragment, with the user as its subject."""
    app = make_app(**signing(make_key()), SECRET_KEY="a key for tests")
    tapauth.current_user_loader(lambda: SimpleNamespace(id="ann"))
    with app.app_context():
        page = tapauth.clients.create(
            "Explorer",
            public=True,
            grant_types=["implicit"],
            scopes=["orders:read"],
            redirect_uris=[REDIRECT_URI],
            skip_consent=True,
        )

    answer = app.test_client().get(
        "/oauth/authorize", query_string=wanted(page.client_id)
    )

    token = fragment(answer)["access_token"]
    claims = claims_of(token)
    assert (claims["sub"], claims["sub_type"]) == ("ann", "user")
    assert (claims["client_id"], claims["scope"]) == (page.client_id, "orders:read")
    assert app.test_client().get("/orders", headers=bearer(token)).status_code == 200


Start = Callable[..., FlaskClient]


@pytest.fixture
def start(db: SQLAlchemy, tapauth: TapAuth, tmp_path: Path) -> Iterator[Start]:
    """Start the host again on the same database, with other settings."""
    started: list[Flask] = []

    def start(**settings: Any) -> FlaskClient:
        app = Flask("host")
        app.config.update(
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'host.sqlite'}", **settings
        )
        db.init_app(app)
        tapauth.init_app(app)
        app.get("/client")(require_token(lambda: {"id": current_token.client_id}))
        with app.app_context():
            db.create_all()
        started.append(app)
        return app.test_client()

    yield start
    for app in started:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def issue(http: FlaskClient, tapauth: TapAuth, client_id: str) -> str:
    with http.application.app_context():
        token: str = tapauth.tokens.issue(client_id)["access_token"]
    return token


@pytest.mark.parametrize("check", [True, False])
def test_an_older_opaque_token_stays_valid(
    start: Start, tapauth: TapAuth, check: bool
) -> None:
    """A change of TAPAUTH_TOKEN_FORMAT must not sign all users out."""
    before = start()
    with before.application.app_context():
        client = tapauth.clients.create("Reports", client_id="reports")
    opaque = issue(before, tapauth, client.client_id)

    after = start(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=check))
    signed = issue(after, tapauth, client.client_id)

    for token in (opaque, signed):
        answer = after.get("/client", headers=bearer(token))
        assert answer.get_json() == {"id": "reports"}


@pytest.mark.parametrize("check", [True, False])
def test_an_older_opaque_token_can_be_revoked(
    start: Start, tapauth: TapAuth, check: bool
) -> None:
    """It has a row and no `jti`, unlike the signed tokens of the app."""
    before = start()
    with before.application.app_context():
        tapauth.clients.create("Reports", client_id="reports")
    opaque = issue(before, tapauth, "reports")
    after = start(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=check))

    with after.application.app_context():
        tapauth.tokens.revoke_all(client="reports")

    assert after.get("/client", headers=bearer(opaque)).status_code == 401


def test_an_older_refresh_token_gets_a_signed_access_token(
    start: Start, tapauth: TapAuth
) -> None:
    """The format is that of the time when the access token is issued."""
    before = start()
    with before.application.app_context():
        client = tapauth.clients.create(
            "Reports", grant_types=["client_credentials", "refresh_token"]
        )
    first = before.post("/oauth/token", data=grant(client)).get_json()
    after = start(**signing(make_key()))
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    second = after.post("/oauth/token", data=grant(client, **refresh)).get_json()

    assert header_of(second["access_token"])["typ"] == "at+jwt"


def introspect(http: FlaskClient, client: RegisteredClient, token: str) -> Any:
    credentials = {"client_id": client.client_id, "client_secret": client.client_secret}
    return http.post(
        "/oauth/introspect", data={**credentials, "token": token}
    ).get_json()


def test_introspection_returns_the_claims_of_the_token(
    tapauth: TapAuth,
    http: FlaskClient,
    registered: RegisteredClient,
    issue_token: IssueToken,
) -> None:
    """RFC 7662 §2.2: the host's claims, too."""
    tapauth.claims_loader(lambda client, user, scopes: {"tenant": "acme"})
    token = issue_token(user_id="ann", scopes="orders:read")
    claims = claims_of(token)
    claims.pop("jti")

    said = introspect(http, registered, token)

    assert claims["tenant"] == "acme"
    assert said == {**claims, "active": True, "token_type": "Bearer"}
    assert (said["iss"], said["sub_type"]) == (ISSUER, "user")


def test_introspection_of_a_changed_token_reveals_nothing(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7662 §2.2: a token that cannot be verified is only not active."""
    asking = register(resource_server=True)

    assert introspect(http, asking, token)["active"] is True
    assert introspect(http, asking, token[:-9] + "AAAAAAAAA") == {"active": False}


def test_introspection_of_another_clients_token_reveals_nothing(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7662 §4: a client may introspect its own tokens only."""
    assert introspect(http, register(), token) == {"active": False}
