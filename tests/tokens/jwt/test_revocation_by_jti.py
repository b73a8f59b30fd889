"""A signed token is revoked by its ``jti``."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import IssueToken, Register, Run
from ...statements import statements
from .conftest import claims_of, whoami


def revoke(http: FlaskClient, client: RegisteredClient, token: str) -> int:
    credentials = {"client_id": client.client_id, "client_secret": client.client_secret}
    return http.post("/oauth/revoke", data={**credentials, "token": token}).status_code


def test_a_revoked_token_is_refused_and_others_are_not(
    http: FlaskClient, registered: RegisteredClient, issue_token: IssueToken
) -> None:
    """RFC 7009 §2.1: at once."""
    token, other = issue_token(), issue_token()

    assert revoke(http, registered, token) == 200

    assert (whoami(http, token), whoami(http, other)) == (401, 200)


def test_another_client_revokes_nothing(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7009 §2.1: a client can revoke its own tokens only."""
    assert revoke(http, register(), token) == 400

    assert whoami(http, token) == 200


def test_a_changed_token_revokes_nothing(
    http: FlaskClient, registered: RegisteredClient, token: str
) -> None:
    """RFC 7009 §2.2: nobody who knows a `jti` only can revoke its token."""
    assert revoke(http, registered, token[:-9] + "AAAAAAAAA") == 200

    assert whoami(http, token) == 200


def test_a_disabled_clients_token_is_refused_until_it_is_enabled(
    http: FlaskClient, run: Run, registered: RegisteredClient, token: str
) -> None:
    """A signature alone does not show that the client is disabled."""
    assert run("clients", "disable", registered.client_id).exit_code == 0
    disabled = whoami(http, token)
    assert run("clients", "enable", registered.client_id).exit_code == 0

    assert (disabled, whoami(http, token)) == (401, 200)


def test_a_deleted_clients_token_is_refused(
    http: FlaskClient, run: Run, registered: RegisteredClient, token: str
) -> None:
    """A signature alone does not show that the client is deleted."""
    assert run("clients", "delete", registered.client_id).exit_code == 0

    assert whoami(http, token) == 401


def test_a_token_whose_row_is_gone_is_refused(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, token: str
) -> None:
    """A token that is not found may have been revoked."""
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
    """revoke_client_tokens works for opaque and for signed tokens."""
    tokens = [issue_token(), issue_token(user_id="ann")]

    with app.app_context():
        assert tapauth.tokens.revoke_all(client=registered) == 2

    assert [whoami(http, token) for token in tokens] == [401, 401]


def test_a_guarded_view_costs_one_select(
    app: Flask, db: SQLAlchemy, http: FlaskClient, token: str
) -> None:
    """Each request pays for it: as for an opaque token."""
    with statements(app, db) as seen:
        assert whoami(http, token) == 200

    [statement] = seen
    assert statement.startswith("SELECT")


def test_the_database_has_only_a_digest_of_the_jti(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, token: str
) -> None:
    """A stolen dump must not contain a `jti`."""
    with app.app_context():
        row = db.session.execute(sa.text("SELECT * FROM tapauth_token")).one()

    jti = claims_of(token)["jti"]
    assert bytes(row.digest) == hashlib.sha256(jti.encode()).digest()
    assert jti not in str(row)
