"""``flask tapauth tokens list`` shows the newest tokens first, up to a limit."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import IssueToken, Registered, Run
from .. import (
    as_json,
    family_model,
    get_pair,
    refresh_token_model,
)


def test_the_newest_tokens_are_shown_up_to_the_limit(
    issue_token: IssueToken, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note on stderr says that there are more."""
    now = time.time()
    for age in (20, 0, 10):
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda age=age: now - age)
            issue_token(user_id=f"{age} seconds old")

    some = run("tokens", "list", "--limit", "2", "--json")
    enough = run("tokens", "list", "--limit", "3")

    assert "--limit" in some.stderr
    assert some.stdout.index('"0 seconds') < some.stdout.index('"10 seconds')
    assert "20 seconds" not in some.stdout
    assert enough.stderr == ""
    assert len(enough.stdout.splitlines()) == 3


def test_tokens_of_the_same_second_keep_their_order(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    run: Run,
) -> None:
    """Two calls with ``--limit`` must show the same tokens, or some are never seen."""
    now = int(time.time())
    rows = [
        {
            "digest": bytes([number]) * 32,
            "client_pk": registered.client.id,
            "user_id": str(number),
            "scopes": (),
            "issued_at": now,
            "expires_at": now + 60,
        }
        for number in (3, 1, 4, 2)
    ]
    for row in rows:
        db.session.execute(sa.insert(tapauth.Token).values(**row))
    for number in (1, 2):
        values = {"scopes": (), "issued_at": now, "expires_at": now + 60}
        insert = sa.insert(family_model(tapauth)).values(
            client_pk=registered.client.id, user_id=f"family {number}", **values
        )
        result: Any = db.session.execute(insert)
        key = result.inserted_primary_key[0]
        for letter in (b"b", b"a"):
            token = {"digest": letter * 31 + bytes([number]), "family_id": key}
            used_at = None if letter == b"a" else now
            insert = sa.insert(refresh_token_model(tapauth))
            db.session.execute(insert.values(used_at=used_at, **token))
    db.session.commit()

    listed = as_json(run, "list", "--state", "all")

    assert [(token["user_id"], token["state"]) for token in listed] == [
        *((str(number), "active") for number in (1, 2, 3, 4)),
        *(("family 2", "active"), ("family 2", "used")),
        *(("family 1", "active"), ("family 1", "used")),
    ]


def test_the_newest_may_be_a_refresh_token(
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`--limit` applies to both kinds of tokens together."""
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now - 60)
        issue_token(user_id="a minute old")
    get_pair(http, registered)

    listed = as_json(run, "list", "--limit", "2")

    assert {token["kind"] for token in listed} == {"access_token", "refresh_token"}
