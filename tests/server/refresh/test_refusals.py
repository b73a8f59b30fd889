"""Refresh requests that are refused (RFC 6749 §5.2)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from ...conftest import IssueToken, Register, Registered, bearer, grant
from .conftest import BOTH, refresh, refusal, request_tokens


def test_another_clients_refresh_token_is_refused_and_kept(
    http: FlaskClient, client: Registered, register: Register, first: str
) -> None:
    """RFC 6749 §6, §10.4: its own client can still use it."""
    other = register(grant_types=BOTH)

    assert refusal(http, refresh(other, first)) == (400, "invalid_grant")
    request_tokens(http, refresh(client, first))


@pytest.mark.parametrize("secret", [None, "wrong"])
def test_a_confidential_client_must_authenticate(
    http: FlaskClient, client: Registered, first: str, secret: str | None
) -> None:
    """RFC 6749 §6: a failure is a 401 and does not use the token up."""
    asked = refresh(client._replace(client_secret=secret), first)

    assert refusal(http, asked) == (401, "invalid_client")
    request_tokens(http, refresh(client, first))


@pytest.mark.parametrize("sent", [{}, {"refresh_token": ""}], ids=str)
def test_a_request_without_a_refresh_token_is_malformed(
    http: FlaskClient, client: Registered, sent: dict[str, str]
) -> None:
    """RFC 6749 §5.2: invalid_request."""
    asked = {**grant(client), "grant_type": "refresh_token", **sent}

    assert refusal(http, asked) == (400, "invalid_request")


def test_a_client_that_lost_the_grant_is_unauthorized(
    app: Flask, http: FlaskClient, client: Registered, first: str
) -> None:
    """RFC 6749 §5.2, `unauthorized_client`."""
    clients = app.extensions["tapauth"].clients
    clients.update(client, grant_types=["client_credentials"])

    assert refusal(http, refresh(client, first)) == (400, "unauthorized_client")


@pytest.mark.parametrize("spoil", [str.swapcase, lambda t: t[:-1], lambda _: "junk"])
def test_a_malformed_token_costs_no_statement(
    db: SQLAlchemy, http: FlaskClient, client: Registered, first: str, spoil: Any
) -> None:
    """Anybody can send tokens with a wrong checksum."""
    seen: list[str] = []

    def see(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", see)

    assert refusal(http, refresh(client, spoil(first))) == (400, "invalid_grant")
    assert [s for s in seen if "tapauth_refresh_token" in s] == []
    assert len(seen) == 1


def test_an_access_token_is_no_refresh_token(
    http: FlaskClient, client: Registered, issue_token: IssueToken
) -> None:
    """RFC 6749 §5.2, `invalid_grant`."""
    token = issue_token(client)

    assert refusal(http, refresh(client, token)) == (400, "invalid_grant")
    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_a_refresh_token_opens_no_view(http: FlaskClient, first: str) -> None:
    """RFC 6749 §1.5: it is for the authorization server only."""
    assert http.get("/whoami", headers=bearer(first)).status_code == 401


def test_the_database_has_digests_only(
    db: SQLAlchemy, http: FlaskClient, client: Registered, first: str
) -> None:
    """A stolen dump must contain no usable refresh token."""
    second = request_tokens(http, refresh(client, first))["refresh_token"]

    rows = db.session.execute(sa.text("SELECT * FROM tapauth_refresh_token")).all()
    families = db.session.execute(sa.text("SELECT * FROM tapauth_family")).all()

    dump = repr(rows) + repr(families)
    for token in (first, second):
        assert token[6:-8] not in dump
    digests = [v for row in rows for v in row if isinstance(v, bytes)]
    assert [len(digest) for digest in digests] == [32, 32]
    for digest in digests:
        asked = refresh(client, f"taprt_{digest.hex()}")
        assert refusal(http, asked) == (400, "invalid_grant")
