"""What a dump of the database or a log gives away: nothing that opens anything."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import blinker
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, signals

from .conftest import MakeApp, bearer

CHOSEN = "correct horse battery staple"
WRONG = "incorrect horse battery staple"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture
def host(make_app: MakeApp, file: Path) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}")


@pytest.fixture
def http(host: Flask) -> FlaskClient:
    return host.test_client()


def ask(http: FlaskClient, client_id: str, secret: str | None, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": client_id, **more}
    return http.post("/oauth/token", data={"client_secret": secret, **form})


def get_token(http: FlaskClient, client_id: str, secret: str | None) -> str:
    token: str = ask(http, client_id, secret).get_json()["access_token"]
    return token


def be_busy(host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient) -> Any:
    """Do all that handles secrets, well and badly; return the secrets and tokens."""
    with host.app_context():
        made = tapauth.register_client("Made", client_id="made").client_secret
        tapauth.register_client("Chosen", client_id="old", client_secret=CHOSEN)
        rotated = tapauth.rotate_secret("made", grace=60).client_secret
        tokens = [tapauth.issue_token("old", user_id="7")["access_token"]]
    for client_id, secret in (("made", made), ("made", rotated), ("old", CHOSEN)):
        tokens.append(get_token(http, client_id, secret))

    pair = base64.b64encode(f"old:{CHOSEN}".encode()).decode()
    basic = {"Authorization": f"Basic {pair}"}
    answer = http.post(
        "/oauth/token", json={"grant_type": "client_credentials"}, headers=basic
    )
    tokens.append(answer.get_json()["access_token"])
    assert ask(http, "made", WRONG).status_code == 401
    assert ask(http, "old", WRONG).status_code == 401
    assert ask(http, "nobody", made).status_code == 401
    assert ask(http, "made", made, scope="all").status_code == 400
    for token in tokens:
        assert http.get("/whoami", headers=bearer(token)).status_code == 200
        assert http.get("/orders", headers={"Access-Token": token}).status_code == 403
        assert http.get(f"/whoami?access_token={token[:-1]}x").status_code == 401
        twice = http.post("/whoami", data={"access_token": [token, token]})
        assert twice.status_code == 400
    with host.app_context():
        tapauth.revoke_client_tokens("made")
    assert http.get("/whoami", headers=bearer(tokens[1])).status_code == 401
    with host.app_context():
        db.drop_all()
    assert ask(http, "made", made).status_code == 503
    assert http.get("/whoami", headers=bearer(tokens[0])).status_code == 503
    return [made, rotated, CHOSEN, WRONG, pair, *tokens]


def stored(host: Flask, db: SQLAlchemy, table: str) -> Iterator[bytes | str]:
    """All that a table has, as it lies there, NULLs and numbers left out."""
    with host.app_context():
        for row in db.session.execute(sa.text(f"SELECT * FROM {table}")):  # noqa: S608
            yield from (value for value in row if isinstance(value, (bytes, str)))


def test_neither_rows_nor_file_have_a_secret_or_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, file: Path
) -> None:
    """The contract: client secrets and tokens are never stored in the clear."""
    with host.app_context():
        made = tapauth.register_client("Made", client_id="made").client_secret
        tapauth.register_client("Chosen", client_id="old", client_secret=CHOSEN)
        rotated = tapauth.rotate_secret("made", grace=60).client_secret
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


def test_what_is_stored_of_a_token_is_no_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """The contract: a dump must not open anything, the digest itself included."""
    with host.app_context():
        tapauth.issue_token(tapauth.register_client("Reports"))

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
def test_what_is_stored_of_a_secret_is_no_secret(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient, chosen: str | None
) -> None:
    """The contract: a dump must not open anything, the digest itself included."""
    with host.app_context():
        client = tapauth.register_client("Rep", client_id="x", client_secret=chosen)
        tapauth.rotate_secret("x", grace=60)

    hashes = [str(v) for v in stored(host, db, "tapauth_client") if "$" in str(v)]

    assert len(hashes) == 2
    for hashed in hashes:
        for value in (hashed, hashed.rpartition("$")[2], f"tapcs_{hashed[-51:]}"):
            assert ask(http, "x", value).status_code == 401
    assert ask(http, "x", client.client_secret).status_code == 200


@pytest.mark.parametrize(
    ("chosen", "kind"), [(None, "sha256$"), (CHOSEN, "scrypt:"), ("tapcs_", "scrypt:")]
)
def test_a_chosen_secret_is_stretched_and_a_generated_one_is_not(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, chosen: str | None, kind: str
) -> None:
    """The contract: SHA-256 for 256 random bits, werkzeug's password hash for words."""
    with host.app_context():
        tapauth.register_client("Reports", client_secret=chosen)

    [hashed] = [str(v) for v in stored(host, db, "tapauth_client") if "$" in str(v)]

    assert hashed.startswith(kind)


def test_the_debug_log_has_no_secret_or_token(
    host: Flask,
    tapauth: TapAuth,
    db: SQLAlchemy,
    http: FlaskClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The contract: no log line carries a secret or a token, at any level."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="authlib")
    caplog.set_level(logging.DEBUG, logger="flask_tapauth")

    clear = be_busy(host, tapauth, db, http)

    assert "The database cannot be used" in caplog.text
    assert "authlib" in {record.name.partition(".")[0] for record in caplog.records}
    for value in clear:
        assert value not in caplog.text
        assert value[6:-8] not in caplog.text


def shown(value: object) -> str:
    """All that a receiver's own logging could show of an argument."""
    inside = getattr(value, "__dict__", None) or {
        slot: getattr(value, slot) for slot in getattr(value, "__slots__", ())
    }
    return f"{value} {value!r} {inside!r}"


def test_no_signal_carries_a_secret_or_token(
    host: Flask, tapauth: TapAuth, db: SQLAlchemy, http: FlaskClient
) -> None:
    """The contract: no signal carries a secret or a whole token."""
    seen: dict[str, str] = {}
    named = {k: v for k, v in vars(signals).items() if isinstance(v, blinker.Signal)}

    with ExitStack() as stack:
        for name, signal in named.items():

            def see(sender: object, *, name: str = name, **arguments: object) -> None:
                text = " ".join(map(shown, arguments.values()))
                seen[name] = seen.get(name, "") + text

            stack.enter_context(signal.connected_to(see))
        clear = be_busy(host, tapauth, db, http)

    assert seen.keys() == named.keys()
    for value in clear:
        for text in seen.values():
            assert value not in text
            assert value[6:-8] not in text


def test_what_shows_itself_shows_no_secret_or_token(
    host: Flask, tapauth: TapAuth
) -> None:
    """The contract: no line shows a secret but the one that is meant to."""
    seen: list[Any] = []
    with host.app_context():
        registered = tapauth.register_client("Reports")
        with signals.token_issued.connected_to(lambda _, **sent: seen.append(sent)):
            response = tapauth.issue_token(registered)
        [sent] = seen
        shown_all = [registered, registered.client, response, sent["token"]]
        for thing in shown_all:
            for text in (str(thing), repr(thing), f"{thing}", f"{[thing]}"):
                assert registered.client_id in text or thing is response
                assert str(registered.client_secret) not in text
                assert response["access_token"] not in text
