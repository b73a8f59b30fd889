"""``flask tapauth tokens list``: all tokens, without a secret."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import IssueToken, Register, Registered, Run
from .. import (
    REFRESHING,
    as_json,
    family_model,
    get_pair,
    renewed_pair,
    set_all,
)


def kinds_and_states(listed: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((token["kind"], token["state"]) for token in listed)


def test_a_token_is_listed_with_its_client_user_scopes_and_times(
    issue_token: IssueToken, run: Run
) -> None:
    """People in several time zones read it: the times are in UTC."""
    before = int(time.time())
    issue_token(user_id="ann", scopes="orders:read", expires_in=90)

    [token] = as_json(run, "list")

    issued, expires = (
        datetime.fromisoformat(token.pop(name)).timestamp()
        for name in ("issued_at", "expires_at")
    )
    assert before <= issued <= time.time()
    assert expires == issued + 90
    assert re.fullmatch("[0-9a-f]{8}", token.pop("handle"))
    assert token == {
        "kind": "access_token",
        "client_id": "machine",
        "user_id": "ann",
        "scope": "orders:read",
        "state": "active",
    }


def test_refresh_tokens_are_listed_beside_access_tokens(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """A refresh token can be stolen as well."""
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
    """Tokens of each kind, in each state that this kind can have."""
    issue_token()
    get_pair(http, registered)
    set_all(db, tapauth.Token, expires_at=int(time.time()))
    set_all(db, family_model(tapauth), expires_at=int(time.time()))
    get_pair(http, registered)
    tapauth.tokens.revoke_all(client=registered)
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
    """`--state`; an access token is revoked with its family."""
    listed = as_json(run, "list", "--state", state)

    assert kinds_and_states(listed) == (
        [("access_token", state)] * access + [("refresh_token", state)] * refresh
    )


@pytest.mark.usefixtures("of_each_state")
def test_the_list_can_be_of_all_states(run: Run) -> None:
    """`--state all`; the default shows the active tokens."""
    listed = as_json(run, "list", "--state", "all")

    assert len(listed) == 9
    assert {token["state"] for token in listed} == {
        *("active", "expired", "revoked", "used")
    }
    assert as_json(run, "list") == [t for t in listed if t["state"] == "active"]


def test_the_tokens_of_a_disabled_client_are_not_active(
    issue_token: IssueToken, run: Run
) -> None:
    """They are refused while the client is disabled."""
    issue_token()
    run("clients", "disable", "machine")

    assert as_json(run, "list") == []
    assert kinds_and_states(as_json(run, "list", "--state", "revoked")) == [
        ("access_token", "revoked")
    ]


@pytest.mark.parametrize("app", [{"TAPAUTH_REFRESH_GRACE": 60}], indirect=True)
def test_a_refresh_token_in_its_grace_time_is_active(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """With TAPAUTH_REFRESH_GRACE it can be used again for a while."""
    _, refresh_token = get_pair(http, registered)
    renewed_pair(http, registered, refresh_token)

    assert as_json(run, "list", "--state", "used") == []
    assert len(as_json(run, "list")) == 4


def test_the_list_can_be_limited_to_a_client_or_a_user(
    register: Register, issue_token: IssueToken, run: Run
) -> None:
    """`--client`, `--user`, or both."""
    other = register(client_id="other")
    issue_token(user_id="ann")
    issue_token(user_id="bob")
    issue_token(other, user_id="bob")
    issue_token(other)

    def pairs(*options: str) -> list[tuple[str, str | None]]:
        listed = as_json(run, "list", *options)
        return sorted((t["client_id"], t["user_id"] or "") for t in listed)

    assert pairs("--client", "machine") == [("machine", "ann"), ("machine", "bob")]
    assert pairs("--client", "other") == [("other", ""), ("other", "bob")]
    assert pairs("--user", "bob") == [("machine", "bob"), ("other", "bob")]
    assert pairs("--user", "ann", "--client", "other") == []
    assert pairs("--user", "Bob") == []


def test_refresh_tokens_can_be_limited_in_the_same_way(
    http: FlaskClient, register: Register, registered: Registered, run: Run
) -> None:
    """`--client` and `--user` apply to both kinds of tokens."""
    get_pair(http, registered)
    get_pair(http, register(client_id="other", grant_types=REFRESHING))

    listed = as_json(run, "list", "--client", "other")

    assert [token["client_id"] for token in listed] == ["other", "other"]
    assert as_json(run, "list", "--user", "other") == []


@pytest.mark.parametrize("as_machine", [[], ["--json"]])
def test_neither_token_nor_digest_is_shown(
    http: FlaskClient, registered: Registered, run: Run, as_machine: list[str]
) -> None:
    """A list on a screen must not open anything."""
    pair = get_pair(http, registered)

    result = run("tokens", "list", "--state", "all", *as_machine)

    shown = result.stdout + result.stderr
    assert shown.count("reports") == 2
    for token in pair:
        digest = hashlib.sha256(token.encode()).digest()
        assert digest.hex()[:8] in shown  # the handle
        hidden = (token[6:], digest.hex(), base64.b64encode(digest).decode())
        assert not any(value[:12] in shown for value in hidden)


def test_people_read_one_line_for_each_token(issue_token: IssueToken, run: Run) -> None:
    """JSON is for machines."""
    issue_token(scopes="orders:read")

    [line] = run("tokens", "list").stdout.splitlines()

    _, kind, client_id, user_id, scope, issued, expires, state = line.split()
    assert (kind, client_id, user_id) == ("access_token", "machine", "-")
    assert (scope, state) == ("orders:read", "active")
    assert issued < expires
