"""A signed token is taken back by its jti, unless the app trusts signatures alone."""

from __future__ import annotations

import hashlib
import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth, current_token, require_token

from ..conftest import IssueToken, MakeApp, Register, Run, bearer
from .conftest import claims_of, make_key, signing, statements


def revoke(http: FlaskClient, client: RegisteredClient, token: str) -> int:
    credentials = {"client_id": client.client_id, "client_secret": client.client_secret}
    return http.post("/oauth/revoke", data={**credentials, "token": token}).status_code


def whoami(http: FlaskClient, token: str) -> int:
    return http.get("/whoami", headers=bearer(token)).status_code


def test_a_revoked_token_opens_nothing_and_the_others_do(
    http: FlaskClient, registered: RegisteredClient, issue_token: IssueToken
) -> None:
    """RFC 7009 §2.1: at once, and no other token with it."""
    token, other = issue_token(), issue_token()

    assert revoke(http, registered, token) == 200

    assert (whoami(http, token), whoami(http, other)) == (401, 200)


def test_another_client_revokes_nothing(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7009 §2.1: a token is its own client's to take back."""
    assert revoke(http, register(), token) == 400

    assert whoami(http, token) == 200


def test_a_changed_token_revokes_nothing(
    http: FlaskClient, registered: RegisteredClient, token: str
) -> None:
    """RFC 7009 §2.2: what is no token of ours is as good as revoked; its jti is not."""
    assert revoke(http, registered, token[:-9] + "AAAAAAAAA") == 200

    assert whoami(http, token) == 200


def test_a_disabled_clients_token_opens_nothing_until_it_is_enabled(
    http: FlaskClient, run: Run, registered: RegisteredClient, token: str
) -> None:
    """The contract: 401 where the client is disabled."""
    assert run("clients", "disable", registered.client_id).exit_code == 0
    disabled = whoami(http, token)
    assert run("clients", "enable", registered.client_id).exit_code == 0

    assert (disabled, whoami(http, token)) == (401, 200)


def test_a_deleted_clients_token_opens_nothing(
    http: FlaskClient, run: Run, registered: RegisteredClient, token: str
) -> None:
    """The contract: 401 where the client is deleted."""
    assert run("clients", "delete", registered.client_id).exit_code == 0

    assert whoami(http, token) == 401


def test_a_token_whose_row_is_gone_opens_nothing(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, token: str
) -> None:
    """The contract, TAPAUTH_JWT_CHECK_REVOCATION: what is not found is not good."""
    with app.app_context():
        db.session.execute(sa.delete(tapauth.Token))
        db.session.commit()

    assert whoami(http, token) == 401


def test_all_tokens_of_a_client_are_revoked_from_code(
    app: Flask,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: RegisteredClient,
    issue_token: IssueToken,
) -> None:
    """The contract: revoke_client_tokens, whatever the tokens look like."""
    tokens = [issue_token(), issue_token(user_id="ann")]

    with app.app_context():
        assert tapauth.revoke_client_tokens(registered) == 2

    assert [whoami(http, token) for token in tokens] == [401, 401]


def test_a_guarded_view_costs_one_select(
    app: Flask, db: SQLAlchemy, http: FlaskClient, token: str
) -> None:
    """The contract: a look-up of the jti costs what an opaque token costs."""
    with statements(app, db) as seen:
        assert whoami(http, token) == 200

    [statement] = seen
    assert statement.startswith("SELECT")


def test_the_database_has_a_digest_of_the_jti_alone(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, token: str
) -> None:
    """The contract: tokens are never stored in the clear."""
    with app.app_context():
        row = db.session.execute(sa.text("SELECT * FROM tapauth_token")).one()

    jti = claims_of(token)["jti"]
    assert bytes(row.digest) == hashlib.sha256(jti.encode()).digest()
    assert jti not in str(row)


@pytest.fixture
def trusting(make_app: MakeApp) -> Flask:
    """An app that looks no token up."""
    return make_app(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=False))


@pytest.fixture
def trusted(trusting: Flask, tapauth: TapAuth) -> str:
    with trusting.app_context():
        client = tapauth.register_client("Reports", client_id="reports", scopes="a b")
        token: str = tapauth.issue_token(client, user_id="ann")["access_token"]
    return token


def test_a_trusted_token_costs_no_statement(
    trusting: Flask, db: SQLAlchemy, trusted: str
) -> None:
    """The contract: TAPAUTH_JWT_CHECK_REVOCATION=False trusts the signature alone."""
    with statements(trusting, db) as seen:
        answer = trusting.test_client().get("/whoami", headers=bearer(trusted))

    assert seen == []
    assert answer.get_json() == {
        "client_id": "reports",
        "user_id": "ann",
        "scopes": ["a", "b"],
    }


def test_a_trusted_token_opens_views_of_a_host_without_tables(
    trusting: Flask, db: SQLAlchemy, trusted: str
) -> None:
    """The contract: there, the database may be out of reach."""
    with trusting.app_context():
        db.drop_all()

    answer = trusting.test_client().get("/whoami", headers=bearer(trusted))

    assert answer.status_code == 200


def test_a_trusted_token_opens_until_its_time_is_up(
    trusting: Flask,
    tapauth: TapAuth,
    trusted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The contract: revoked or not, it is its expiry that ends it."""
    http, ends = trusting.test_client(), claims_of(trusted)["exp"]
    with trusting.app_context():
        tapauth.revoke_client_tokens("reports")

    monkeypatch.setattr(time, "time", lambda: ends - 1)
    before = whoami(http, trusted)
    monkeypatch.setattr(time, "time", lambda: ends)

    assert (before, whoami(http, trusted)) == (200, 401)


def test_a_trusted_tokens_client_and_user_are_found_when_asked_for(
    trusting: Flask, tapauth: TapAuth, trusted: str
) -> None:
    """The contract: current_token.client and .user, as with any token."""
    tapauth.user_loader(str.title)

    @trusting.get("/names")
    @require_token
    def names() -> list[str]:
        assert current_token.client is not None
        return [current_token.client.client_name, current_token.user]

    answer = trusting.test_client().get("/names", headers=bearer(trusted))

    assert answer.get_json() == ["Reports", "Ann"]


def test_introspection_knows_of_a_revocation_in_any_case(
    trusting: Flask, tapauth: TapAuth, trusted: str
) -> None:
    """RFC 7662 §2.2: active means not revoked, whatever the app's own views look at."""
    with trusting.app_context():
        asking = tapauth.register_client("API", resource_server=True)
        tapauth.revoke_client_tokens("reports")

    answer = trusting.test_client().post(
        "/oauth/introspect",
        data={
            "client_id": asking.client_id,
            "client_secret": asking.client_secret,
            "token": trusted,
        },
    )

    assert answer.get_json() == {"active": False}
