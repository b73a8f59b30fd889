"""With ``TAPAUTH_JWT_CHECK_REVOCATION=False``, a good signature is enough."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, current_token, require_token

from ...conftest import MakeApp, bearer
from ...statements import statements
from .conftest import claims_of, make_key, signing, whoami


@pytest.fixture
def trusting(make_app: MakeApp) -> Flask:
    """An app that looks no token up."""
    return make_app(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=False))


@pytest.fixture
def trusted(trusting: Flask, tapauth: TapAuth) -> str:
    with trusting.app_context():
        client = tapauth.clients.create("Reports", client_id="reports", scopes="a b")
        token: str = tapauth.tokens.issue(client, user_id="ann")["access_token"]
    return token


def test_a_trusted_token_costs_no_statement(
    trusting: Flask, db: SQLAlchemy, trusted: str
) -> None:
    """The setting is for apps that cannot afford a look-up."""
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
    """The database may be out of reach."""
    with trusting.app_context():
        db.drop_all()

    answer = trusting.test_client().get("/whoami", headers=bearer(trusted))

    assert answer.status_code == 200


def test_a_trusted_token_is_valid_until_it_expires(
    trusting: Flask,
    tapauth: TapAuth,
    trusted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A revocation is not seen."""
    http, ends = trusting.test_client(), claims_of(trusted)["exp"]
    with trusting.app_context():
        tapauth.tokens.revoke_all(client="reports")

    monkeypatch.setattr(time, "time", lambda: ends - 1)
    before = whoami(http, trusted)
    monkeypatch.setattr(time, "time", lambda: ends)

    assert (before, whoami(http, trusted)) == (200, 401)


def test_a_trusted_tokens_client_and_user_are_found_when_asked_for(
    trusting: Flask, tapauth: TapAuth, trusted: str
) -> None:
    """current_token.client and current_token.user, as with any token."""
    tapauth.user_loader(str.title)

    @trusting.get("/names")
    @require_token
    def names() -> list[str]:
        assert current_token.client is not None
        return [current_token.client.client_name, current_token.user]

    answer = trusting.test_client().get("/names", headers=bearer(trusted))

    assert answer.get_json() == ["Reports", "Ann"]


def test_introspection_always_looks_the_token_up(
    trusting: Flask, tapauth: TapAuth, trusted: str
) -> None:
    """RFC 7662 §2.2: a revoked token is not active."""
    with trusting.app_context():
        asking = tapauth.clients.create("API", resource_server=True)
        tapauth.tokens.revoke_all(client="reports")

    answer = trusting.test_client().post(
        "/oauth/introspect",
        data={
            "client_id": asking.client_id,
            "client_secret": asking.client_secret,
            "token": trusted,
        },
    )

    assert answer.get_json() == {"active": False}


def test_a_trusted_token_is_explained_as_views_judge_it(
    trusting: Flask, tapauth: TapAuth, trusted: str
) -> None:
    """`tokens explain` refused a token that every view accepted."""
    with trusting.app_context():
        tapauth.clients.disable("reports")
        explained = tapauth.tokens.explain(trusted)

    assert whoami(trusting.test_client(), trusted) == 200
    assert (explained.active, explained.reason) == (True, None)
