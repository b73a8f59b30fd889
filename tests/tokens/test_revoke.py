"""``flask tapauth tokens revoke``: whoever runs the app takes tokens back."""

from __future__ import annotations

import time
from collections.abc import Callable
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
    get_pair,
    opens,
    renew,
    renewed_pair,
    set_all,
)

SIGNED = {
    "TAPAUTH_TOKEN_FORMAT": "jwt",
    "TAPAUTH_JWT_ALGORITHM": "HS256",
    "TAPAUTH_JWT_KEYS": {"keys": [{"kty": "oct", "k": "c2VjcmV0" * 8}]},
    "TAPAUTH_ISSUER": "https://as.example",
}


@pytest.fixture
def app(request: pytest.FixtureRequest, make_app: MakeApp) -> Flask:
    """The app; a parameter is its settings."""
    return make_app(**getattr(request, "param", {}))


@pytest.fixture
def registered(register: Register) -> Registered:
    return register(client_id="reports", grant_types=REFRESHING)


@pytest.fixture
def run_with(app: Flask) -> Callable[[str], Result]:
    """Run ``tokens revoke -`` with something on its standard input."""
    return lambda text: app.test_cli_runner().invoke(
        args=["tapauth", "tokens", "revoke", "-", "--json"], input=text
    )


@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
def test_an_access_token_is_revoked_alone(
    http: FlaskClient, issue_token: IssueToken, run: Run
) -> None:
    """The contract: `tokens revoke TOKEN`, whatever the format of tokens."""
    ended, kept = issue_token(), issue_token()

    assert as_json(run, "revoke", ended) == {"revoked": 1}

    assert not opens(http, ended)
    assert opens(http, kept)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_token_is_read_from_standard_input(
    http: FlaskClient,
    token: str,
    run_with: Callable[[str], Result],
    end: str,
) -> None:
    """The contract: `-`, so that no shell remembers the token."""
    result = run_with(token + end)

    assert (result.exit_code, token in result.output) == (0, False)
    assert not opens(http, token)


@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
@pytest.mark.parametrize("which", ["the first", "the last"])
def test_a_refresh_token_takes_its_family_with_it(
    http: FlaskClient, registered: Registered, run: Run, which: str
) -> None:
    """The contract: all that came of one grant, by a used refresh token too."""
    access, first = get_pair(http, registered)
    renewed, last = renewed_pair(http, registered, first)
    kept, other = get_pair(http, registered)
    leaked = first if which == "the first" else last

    assert as_json(run, "revoke", leaked) == {"revoked": 1}

    assert [opens(http, token) for token in (access, renewed)] == [False, False]
    assert renew(http, registered, last).get_json()["error"] == "invalid_grant"
    assert opens(http, kept)
    assert renew(http, registered, other).status_code == 200


def test_an_access_token_leaves_its_family_alone(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """The contract: an access token goes alone."""
    access, refresh_token = get_pair(http, registered)

    as_json(run, "revoke", access)

    assert not opens(http, access)
    assert renew(http, registered, refresh_token).status_code == 200


def test_all_tokens_of_a_client_are_revoked(
    http: FlaskClient,
    register: Register,
    registered: Registered,
    issue_token: IssueToken,
    run: Run,
) -> None:
    """The contract: `--client`; a family counts as one."""
    kept = issue_token(register())
    access, refresh_token = get_pair(http, registered)
    ended = [access, issue_token(), issue_token(user_id="ann")]

    assert as_json(run, "revoke", "--client", "reports") == {"revoked": 3}

    assert not any(opens(http, token) for token in ended)
    assert renew(http, registered, refresh_token).status_code == 400
    assert opens(http, kept)


def test_nobodys_tokens_are_not_everybodys(
    app: Flask, tapauth: TapAuth, http: FlaskClient, token: str
) -> None:
    """The contract: tokens of a client; one that is None is a mistake of the host's."""
    nobody: Any = None

    with pytest.raises(ValueError, match="name a client"):
        tapauth.revoke_client_tokens(nobody)

    assert opens(http, token)


def test_all_tokens_of_a_person_are_revoked(
    http: FlaskClient, register: Register, issue_token: IssueToken, run: Run
) -> None:
    """The contract: `--user`, of whatever client; a machine's token is nobody's."""
    ended = [issue_token(user_id="ann"), issue_token(register(), user_id="ann")]
    kept = [issue_token(user_id="Ann"), issue_token()]

    assert as_json(run, "revoke", "--user", "ann") == {"revoked": 2}

    assert not any(opens(http, token) for token in ended)
    assert all(opens(http, token) for token in kept)


def test_a_person_may_lose_the_tokens_of_one_client(
    http: FlaskClient, register: Register, issue_token: IssueToken, run: Run
) -> None:
    """The contract: `--client` and `--user` together."""
    other = register(client_id="other")
    ended = issue_token(other, user_id="ann")
    kept = [issue_token(user_id="ann"), issue_token(other)]

    revoked = as_json(run, "revoke", "--client", "other", "--user", "ann")

    assert revoked == {"revoked": 1}
    assert not opens(http, ended)
    assert all(opens(http, token) for token in kept)


def test_what_is_dead_already_is_not_counted(
    db: SQLAlchemy,
    tapauth: TapAuth,
    issue_token: IssueToken,
    registered: Registered,
) -> None:
    """The contract: `revoke_client_tokens` returns how many were alive."""
    issue_token()
    set_all(db, tapauth.Token, expires_at=int(time.time()))
    issue_token()

    assert tapauth.revoke_client_tokens(registered) == 1
    assert tapauth.revoke_client_tokens(registered) == 0


@pytest.mark.parametrize("kind", [0, 1], ids=["access", "refresh"])
def test_an_expired_token_is_not_counted_either(
    http: FlaskClient,
    registered: Registered,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    kind: int,
) -> None:
    """The contract: one that was not alive is not revoked."""
    token = get_pair(http, registered)[kind]
    later = time.time() + 30 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: later)

    assert as_json(run, "revoke", token) == {"revoked": 0}


@pytest.mark.parametrize("token", ["junk", "tapat_", "taprt_", "ü", "a.b.c", ""])
@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
def test_what_is_no_token_revokes_nothing(
    http: FlaskClient, issue_token: IssueToken, run: Run, token: str
) -> None:
    """RFC 7009 §2.2: the purpose is achieved; the count says that nothing was done."""
    kept = issue_token()

    assert as_json(run, "revoke", token) == {"revoked": 0}
    assert opens(http, kept)


def test_nothing_on_standard_input_revokes_nothing(
    http: FlaskClient, token: str, run_with: Callable[[str], Result]
) -> None:
    """The contract: an empty file is no wildcard."""
    run_with("")

    assert opens(http, token)
