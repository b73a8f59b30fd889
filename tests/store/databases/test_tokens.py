"""Issue, look up and delete tokens on each database."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import (
    TapAuth,
)

from ...conftest import bearer
from ...statements import statements
from .conftest import get_token, register, run


def test_a_registered_client_gets_a_token_that_opens_a_view(
    host: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """RFC 6749 §4.4: the main path works on each database."""
    token = get_token(http, register(host, tapauth))

    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_the_schema_has_its_keys_and_indexes(host: Flask, db: SQLAlchemy) -> None:
    """Without them, look-ups and purges would scan whole tables."""
    with host.app_context():
        inspector = sa.inspect(db.engine)
        client_indexes = inspector.get_indexes("tapauth_client")
        uniques = inspector.get_unique_constraints("tapauth_client")
        token_indexes = inspector.get_indexes("tapauth_token")
        key = inspector.get_pk_constraint("tapauth_token")
        columns = {c["name"]: c["type"] for c in inspector.get_columns("tapauth_token")}

    unique = [i for i in client_indexes if i["unique"]] + list(uniques)
    assert ["client_id"] in [index["column_names"] for index in unique]
    assert key["constrained_columns"] == ["digest"]
    indexed = [index["column_names"] for index in token_indexes]
    assert ["expires_at"] in indexed
    assert ["client_pk"] in indexed
    digest = columns["digest"]
    assert isinstance(digest, (sa.LargeBinary, sa.BINARY))
    assert digest.length in (None, 32)


def test_the_tokens_of_a_deleted_client_are_deleted_and_refused(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """A token of a client that is gone must not open a view."""
    gone, stays = register(host, tapauth), register(host, tapauth)
    token, other = get_token(http, gone), get_token(http, stays)

    with host.app_context():
        host.extensions["tapauth"].clients.delete(gone)
        left = sa.select(sa.func.count()).select_from(tapauth.Token)
        assert db.session.scalar(left) == 1

    assert http.get("/orders", headers=bearer(token)).status_code == 401
    assert http.get("/orders", headers=bearer(other)).status_code == 200


def test_a_new_client_never_inherits_the_tokens_of_a_deleted_one(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """The database may reuse the id of a row that was deleted by hand."""
    token = get_token(http, register(host, tapauth))

    run(host, db, "DELETE FROM tapauth_client")
    register(host, tapauth)

    answer = http.get("/orders", headers=bearer(token))
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_a_guarded_view_costs_one_select(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """Each request pays for it: one SELECT must read the token and its client."""
    token = get_token(http, register(host, tapauth))

    with statements(host, db) as seen:
        assert http.get("/orders", headers=bearer(token)).status_code == 200

    [statement] = seen
    assert statement.startswith("SELECT")
    assert "tapauth_client" in statement


def lengthened(token: str) -> str:
    """Add a character to a token, and give it the checksum that fits."""
    value = token[:-8] + "A"
    return f"{value}{zlib.crc32(value.encode()):08x}"


@pytest.mark.parametrize(
    "spoil", [str.swapcase, lambda t: t[:-1], lambda _: "junk", lengthened]
)
def test_a_malformed_token_costs_no_statement(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, spoil: Any
) -> None:
    """Anybody can send malformed tokens: the checksum refuses them without a query."""
    token = get_token(http, register(host, tapauth))

    with statements(host, db) as seen:
        answer = http.get("/orders", headers=bearer(spoil(token)))

    assert answer.status_code == 401
    assert seen == []
