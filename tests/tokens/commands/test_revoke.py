"""``flask tapauth tokens revoke``: an administrator revokes tokens."""

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

from ...conftest import IssueToken, Register, Registered, Run
from .. import (
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
def run_with(app: Flask) -> Callable[[str], Result]:
    """Run ``tokens revoke -`` with this text as standard input."""
    return lambda text: app.test_cli_runner().invoke(
        args=["tapauth", "tokens", "revoke", "-", "--json"], input=text
    )


@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
def test_revoking_an_access_token_leaves_other_tokens_active(
    http: FlaskClient, issue_token: IssueToken, run: Run
) -> None:
    """`tokens revoke TOKEN`, for opaque and for signed tokens."""
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
    """With `-`, the shell's history does not contain the token."""
    result = run_with(token + end)

    assert (result.exit_code, token in result.output) == (0, False)
    assert not opens(http, token)


@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
@pytest.mark.parametrize("which", ["the first", "the last"])
def test_revoking_a_refresh_token_revokes_its_family(
    http: FlaskClient, registered: Registered, run: Run, which: str
) -> None:
    """RFC 7009 §2.1, with a used refresh token as well."""
    access, first = get_pair(http, registered)
    renewed, last = renewed_pair(http, registered, first)
    kept, other = get_pair(http, registered)
    leaked = first if which == "the first" else last

    assert as_json(run, "revoke", leaked) == {"revoked": 1}

    assert [opens(http, token) for token in (access, renewed)] == [False, False]
    assert renew(http, registered, last).get_json()["error"] == "invalid_grant"
    assert opens(http, kept)
    assert renew(http, registered, other).status_code == 200


def test_revoking_an_access_token_leaves_its_family_active(
    http: FlaskClient, registered: Registered, run: Run
) -> None:
    """RFC 7009 §2.1 leaves it to the server."""
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
    """`--client`; a family counts as one."""
    kept = issue_token(register())
    access, refresh_token = get_pair(http, registered)
    ended = [access, issue_token(registered), issue_token(registered, user_id="ann")]

    assert as_json(run, "revoke", "--client", "reports") == {"revoked": 3}

    assert not any(opens(http, token) for token in ended)
    assert renew(http, registered, refresh_token).status_code == 400
    assert opens(http, kept)


def test_a_missing_client_does_not_revoke_all_tokens(
    app: Flask, tapauth: TapAuth, http: FlaskClient, token: str
) -> None:
    """A host that passes None by mistake must not lock all users out."""
    nobody: Any = None

    with pytest.raises(ValueError, match="name a client"):
        tapauth.tokens.revoke_all(client=nobody)

    assert opens(http, token)


def test_all_tokens_of_a_user_are_revoked(
    http: FlaskClient, register: Register, issue_token: IssueToken, run: Run
) -> None:
    """`--user`, for all clients. Tokens without a user are kept."""
    ended = [issue_token(user_id="ann"), issue_token(register(), user_id="ann")]
    kept = [issue_token(user_id="Ann"), issue_token()]

    assert as_json(run, "revoke", "--user", "ann") == {"revoked": 2}

    assert not any(opens(http, token) for token in ended)
    assert all(opens(http, token) for token in kept)


def test_the_tokens_of_one_user_and_one_client_are_revoked(
    http: FlaskClient, register: Register, issue_token: IssueToken, run: Run
) -> None:
    """`--client` and `--user` together."""
    other = register(client_id="other")
    ended = issue_token(other, user_id="ann")
    kept = [issue_token(user_id="ann"), issue_token(other)]

    revoked = as_json(run, "revoke", "--client", "other", "--user", "ann")

    assert revoked == {"revoked": 1}
    assert not opens(http, ended)
    assert all(opens(http, token) for token in kept)


def test_expired_and_revoked_tokens_are_not_counted(
    db: SQLAlchemy,
    tapauth: TapAuth,
    issue_token: IssueToken,
    registered: Registered,
) -> None:
    """`tokens.revoke_all` returns the number of active tokens."""
    issue_token()
    set_all(db, tapauth.Token, expires_at=int(time.time()))
    issue_token()

    assert tapauth.tokens.revoke_all(client="machine") == 1
    assert tapauth.tokens.revoke_all(client=registered) == 0


@pytest.mark.parametrize("kind", [0, 1], ids=["access", "refresh"])
def test_a_single_expired_token_is_not_counted(
    http: FlaskClient,
    registered: Registered,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    kind: int,
) -> None:
    """The number tells whether the token was a danger."""
    token = get_pair(http, registered)[kind]
    later = time.time() + 30 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: later)

    assert as_json(run, "revoke", token) == {"revoked": 0}


@pytest.mark.parametrize("token", ["junk", "tapat_", "taprt_", "ü", "a.b.c"])
@pytest.mark.parametrize("app", [{}, SIGNED], indirect=True, ids=["opaque", "jwt"])
def test_a_malformed_token_revokes_nothing(
    http: FlaskClient, issue_token: IssueToken, run: Run, token: str
) -> None:
    """RFC 7009 §2.2: it is no error, and the number of revoked tokens is 0."""
    kept = issue_token()

    assert as_json(run, "revoke", token) == {"revoked": 0}
    assert opens(http, kept)


def test_empty_standard_input_revokes_nothing(
    http: FlaskClient, token: str, run_with: Callable[[str], Result]
) -> None:
    """An empty file must not stand for all tokens."""
    run_with("")

    assert opens(http, token)
