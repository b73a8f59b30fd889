"""A dump of the database contains nothing that opens anything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from .conftest import CHOSEN, ask, get_token


def stored(host: Flask, db: SQLAlchemy, table: str) -> Iterator[bytes | str]:
    """Yield all texts and bytes that a table has."""
    with host.app_context():
        for row in db.session.execute(sa.text(f"SELECT * FROM {table}")):  # noqa: S608
            yield from (value for value in row if isinstance(value, (bytes, str)))


def test_the_database_contains_no_secret_and_no_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, file: Path
) -> None:
    """A stolen dump must not be usable."""
    with host.app_context():
        made = tapauth.clients.create("Made", client_id="made").client_secret
        tapauth.clients.create("Chosen", client_id="old", client_secret=CHOSEN)
        rotated = tapauth.clients.rotate_secret("made", grace=60).client_secret
    clear = [str(made), str(rotated), CHOSEN, get_token(http, "old", CHOSEN)]
    clear += [get_token(http, "made", secret) for secret in (made, rotated)]

    values = [*stored(host, db, "tapauth_client"), *stored(host, db, "tapauth_token")]
    dump = b"\n".join(v if isinstance(v, bytes) else v.encode() for v in values)

    assert b"made" in dump
    for value in map(str.encode, clear):
        pieces = [value[i : i + 16] for i in range(len(value) - 15)]
        for piece in (*pieces, base64.b64encode(value), value.hex().encode()):
            assert piece not in dump
            assert piece not in file.read_bytes()


def test_the_stored_digest_of_a_token_is_refused_as_a_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """A stolen dump must not be usable."""
    with host.app_context():
        tapauth.tokens.issue(tapauth.clients.create("Reports"))

    [digest] = [v for v in stored(host, db, "tapauth_token") if isinstance(v, bytes)]

    assert len(digest) == 32
    for value in (
        digest.decode("latin-1"),
        digest.hex(),
        f"tapat_{digest.hex()}",
        base64.b64encode(digest).decode(),
        base64.urlsafe_b64encode(digest).decode().rstrip("="),
    ):
        answer = http.get("/whoami", query_string={"access_token": value})
        assert answer.status_code == 401


@pytest.mark.parametrize("chosen", [None, CHOSEN], ids=["generated", "chosen"])
def test_the_stored_hash_of_a_secret_is_refused_as_a_secret(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, chosen: str | None
) -> None:
    """A stolen dump must not be usable."""
    with host.app_context():
        client = tapauth.clients.create("Rep", client_id="x", client_secret=chosen)
        tapauth.clients.rotate_secret("x", grace=60)

    hashes = [str(v) for v in stored(host, db, "tapauth_client") if "$" in str(v)]

    assert len(hashes) == 2
    for hashed in hashes:
        for value in (hashed, hashed.rpartition("$")[2], f"tapcs_{hashed[-51:]}"):
            assert ask(http, "x", value).status_code == 401
    assert ask(http, "x", client.client_secret).status_code == 200


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [(None, "sha256$"), (CHOSEN, "scrypt:"), ("tapcs_" + CHOSEN, "scrypt:")],
)
def test_a_chosen_secret_is_stretched_and_a_generated_one_is_not(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, chosen: str | None, kind: str
) -> None:
    """Words can be guessed from a plain digest; 256 random bits cannot."""
    with host.app_context():
        tapauth.clients.create("Reports", client_secret=chosen)

    [hashed] = [str(v) for v in stored(host, db, "tapauth_client") if "$" in str(v)]

    assert hashed.startswith(kind)
