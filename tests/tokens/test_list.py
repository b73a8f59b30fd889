"""``flask tapauth tokens list``: what there is, and nothing that opens anything."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import datetime
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import IssueToken, MakeApp, Register, Registered, Run
from . import (
    REFRESHING,
    as_json,
    family_model,
    get_pair,
    renewed_pair,
    set_all,
)


@pytest.fixture
def app(request: pytest.FixtureRequest, make_app: MakeApp) -> Flask:
    """The app; a parameter is its grace time for refresh tokens."""
    return make_app(TAPAUTH_REFRESH_GRACE=getattr(request, "param", 0))


@pytest.fixture
def registered(register: Register) -> Registered:
    return register(client_id="reports", grant_types=REFRESHING)


@pytest.fixture
def run(run: Run, db: SQLAlchemy) -> Run:
    """A command is a process of its own: it sees what others committed until now."""

    def afresh(*arguments: str) -> Result:
        db.session.rollback()
        return run(*arguments)

    return afresh


def kinds_and_states(listed: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((token["kind"], token["state"]) for token in listed)


def test_a_token_is_listed_with_what_it_speaks_for(
    issue_token: IssueToken, run: Run
) -> None:
    """The contract: for whom, what and how long, in UTC."""
    before = int(time.time())
    issue_token(user_id="ann", scopes="orders:read", expires_in=90)

    [token] = as_json(run, "list")

    issued, expires = (
        datetime.fromisoformat(token.pop(name)).timestamp()
        for name in ("issued_at", "expires_at")
    )
    assert before <= issued <= time.time()
    assert expires == issued + 90
    assert token == {
        "kind": "access_token",
        "client_id": "reports",
        "user_id": "ann",
        "scope": "orders:read",
        "state": "active",
    }


def test_refresh_tokens_are_listed_beside_access_tokens(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """The contract: tokens of both kinds."""
    get_pair(http, registered)

    access, refresh = as_json(run, "list")

    assert (access["kind"], refresh["kind"]) == ("access_token", "refresh_token")
    assert refresh["client_id"] == "reports"
    assert refresh["scope"] == "orders:read orders:write"
    assert refresh["expires_at"] > access["expires_at"]


@pytest.fixture
def of_each_state(
    db: SQLAlchemy,
    tapauth: TapAuth,
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
) -> None:
    """Tokens of each kind in each state, for those that can be in it."""
    issue_token()
    get_pair(http, registered)
    set_all(db, tapauth.Token, expires_at=int(time.time()))
    set_all(db, family_model(tapauth), expires_at=int(time.time()))
    get_pair(http, registered)
    tapauth.revoke_client_tokens(registered)
    _, refresh_token = get_pair(http, registered)
    renewed_pair(http, registered, refresh_token)


@pytest.mark.usefixtures("of_each_state")
@pytest.mark.parametrize(
    ("state", "access", "refresh"),
    [("active", 2, 1), ("expired", 2, 1), ("revoked", 1, 1), ("used", 0, 1)],
)
def test_the_list_can_be_of_one_state(
    run: Run, state: str, access: int, refresh: int
) -> None:
    """The contract: `--state`; an access token is revoked with its family."""
    listed = as_json(run, "list", "--state", state)

    assert kinds_and_states(listed) == (
        [("access_token", state)] * access + [("refresh_token", state)] * refresh
    )


@pytest.mark.usefixtures("of_each_state")
def test_the_list_can_be_of_all_states(run: Run) -> None:
    """The contract: `--state all`; without it, those that open something."""
    listed = as_json(run, "list", "--state", "all")

    assert len(listed) == 9
    assert {token["state"] for token in listed} == {
        *("active", "expired", "revoked", "used")
    }
    assert as_json(run, "list") == [t for t in listed if t["state"] == "active"]


def test_the_tokens_of_a_disabled_client_are_not_active(
    issue_token: IssueToken, run: Run
) -> None:
    """The contract's table: they open nothing while the client is disabled."""
    issue_token()
    run("clients", "disable", "reports")

    assert as_json(run, "list") == []
    assert kinds_and_states(as_json(run, "list", "--state", "revoked")) == [
        ("access_token", "revoked")
    ]


@pytest.mark.parametrize("app", [60], indirect=True)
def test_a_refresh_token_in_its_grace_time_is_active(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """The contract: with TAPAUTH_REFRESH_GRACE, a used one serves again for a while."""
    _, refresh_token = get_pair(http, registered)
    renewed_pair(http, registered, refresh_token)

    assert as_json(run, "list", "--state", "used") == []
    assert len(as_json(run, "list")) == 4


def test_the_list_can_be_narrowed(
    register: Register, issue_token: IssueToken, run: Run
) -> None:
    """The contract: `--client`, `--user`, or both."""
    other = register(client_id="other")
    issue_token(user_id="ann")
    issue_token(user_id="bob")
    issue_token(other, user_id="bob")
    issue_token(other)

    def pairs(*options: str) -> list[tuple[str, str | None]]:
        listed = as_json(run, "list", *options)
        return sorted((t["client_id"], t["user_id"] or "") for t in listed)

    assert pairs("--client", "reports") == [("reports", "ann"), ("reports", "bob")]
    assert pairs("--client", "other") == [("other", ""), ("other", "bob")]
    assert pairs("--user", "bob") == [("other", "bob"), ("reports", "bob")]
    assert pairs("--user", "ann", "--client", "other") == []
    assert pairs("--user", "Bob") == []


def test_refresh_tokens_are_narrowed_alike(
    http: FlaskClient, register: Register, registered: Registered, run: Run
) -> None:
    """The contract: `--client` and `--user` hold for both kinds."""
    get_pair(http, registered)
    get_pair(http, register(client_id="other", grant_types=REFRESHING))

    listed = as_json(run, "list", "--client", "other")

    assert [token["client_id"] for token in listed] == ["other", "other"]
    assert as_json(run, "list", "--user", "other") == []


def test_the_newest_are_shown_up_to_the_limit(
    issue_token: IssueToken, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: `--limit`, and a note on stderr where there are more."""
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


def test_the_newest_may_be_a_refresh_token(
    http: FlaskClient,
    registered: Registered,
    issue_token: IssueToken,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The contract: `--limit` keeps the newest, of both kinds."""
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now - 60)
        issue_token(user_id="a minute old")
    get_pair(http, registered)

    listed = as_json(run, "list", "--limit", "2")

    assert {token["kind"] for token in listed} == {"access_token", "refresh_token"}


@pytest.mark.parametrize("as_machine", [[], ["--json"]])
def test_neither_token_nor_digest_is_shown(
    http: FlaskClient, registered: Registered, run: Run, as_machine: list[str]
) -> None:
    """The contract: tokens are shown once, and a list is no dump of the database."""
    pair = get_pair(http, registered)

    result = run("tokens", "list", "--state", "all", *as_machine)

    shown = result.stdout + result.stderr
    assert shown.count("reports") == 2
    for token in pair:
        digest = hashlib.sha256(token.encode()).digest()
        hidden = (token[6:], digest.hex(), base64.b64encode(digest).decode())
        assert not any(value[:12] in shown for value in hidden)


def test_people_read_a_line_for_each(issue_token: IssueToken, run: Run) -> None:
    """The contract: `--json` is for machines."""
    issue_token(scopes="orders:read")

    [line] = run("tokens", "list").stdout.splitlines()

    kind, client_id, user_id, scope, issued, expires, state = line.split()
    assert (kind, client_id, user_id) == ("access_token", "reports", "-")
    assert (scope, state) == ("orders:read", "active")
    assert issued < expires
