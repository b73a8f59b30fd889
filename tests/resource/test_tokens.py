"""Which tokens open a guarded view (RFC 6750 §3.1)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth
from flask_tapauth._base.secrets import generate

from ..conftest import IssueToken, MakeApp, Registered, Run, bearer, names_no_error


def test_no_token_gets_a_bare_challenge(http: FlaskClient) -> None:
    """RFC 6750 §3.1: no error code where no credentials were sent."""
    answer = http.get("/orders")

    assert answer.status_code == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["error"] == "invalid_token"


def test_other_credentials_are_no_token(http: FlaskClient) -> None:
    """RFC 6750 §3.1: another scheme counts as a request without a token."""
    answer = http.get("/orders", headers={"Authorization": "Basic YTpi"})

    assert answer.status_code == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])


def test_a_token_with_the_scope_opens_the_view(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 6749 §7: the resource server checks that the scope covers the request."""
    token = issue_token(scopes="orders:read")

    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_a_refusal_names_the_missing_scope(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 6750 §3.1, `insufficient_scope`, with the required scope."""
    answer = http.get("/orders", headers=bearer(issue_token(scopes="orders:write")))

    assert answer.status_code == 403
    assert answer.get_json()["error"] == "insufficient_scope"
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope"')
    assert ', scope="orders:read", ' in challenge
    assert answer.get_json()["scope"] == "orders:read"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x",
        "tapat_x",
        "two words",
        "tëxt",
        "\xff\xfe",
        "x" * 100_000,
        "'; DROP TABLE tapauth_token; --",
    ],
)
def test_a_malformed_token_is_invalid(http: FlaskClient, value: str) -> None:
    """RFC 6750 §3.1, invalid_token."""
    answer = http.get("/orders", headers={"Authorization": f"Bearer {value}"})

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_unknown_token_is_invalid(http: FlaskClient) -> None:
    """RFC 6750 §3.1, `invalid_token`, for a well-formed token of nobody."""
    answer = http.get("/orders", headers=bearer(generate("access_token")))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_a_client_secret_is_no_token(http: FlaskClient, registered: Registered) -> None:
    """RFC 6750 §3.1, `invalid_token`: secrets and tokens look alike."""
    answer = http.get("/orders", headers=bearer(registered.client_secret or ""))

    assert answer.status_code == 401


def test_a_token_ends_with_its_last_second(
    http: FlaskClient, issue_token: IssueToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6749 §5.1: a token is valid for `expires_in` seconds."""
    token = issue_token(expires_in=10)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8)
    assert http.get("/orders", headers=bearer(token)).status_code == 200
    monkeypatch.setattr(time, "time", lambda: now + 10)
    answer = http.get("/orders", headers=bearer(token))
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_revoked_tokens_are_invalid(
    http: FlaskClient, tapauth: TapAuth, registered: Registered, token: str
) -> None:
    """RFC 6750 §3.1, `invalid_token`."""
    assert tapauth.tokens.revoke_all(client=registered) == 1

    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("command", ["disable", "delete", "expire"])
def test_tokens_end_with_their_client(
    run: Run,
    http: FlaskClient,
    registered: Registered,
    token: str,
    expire: Callable[[str], None],
    command: str,
) -> None:
    """The tokens of a disabled, expired or deleted client are refused."""
    if command == "expire":
        expire(registered.client_id)
    else:
        assert run("clients", command, registered.client_id).exit_code == 0

    answer = http.get("/orders", headers=bearer(token))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_a_guard_without_scopes_accepts_any_token(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """`@require_token` needs no parentheses."""
    assert http.get("/whoami").status_code == 401
    token = issue_token(scopes=())
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


def test_plain_http_is_refused_off_loopback(http: FlaskClient, token: str) -> None:
    """RFC 6750 §5.3: anybody on the network may have read such a token."""
    answer = http.get(
        "/orders", headers=bearer(token), base_url="http://api.example.com"
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_request"
    assert "TAPAUTH_REQUIRE_HTTPS" in answer.get_json()["error_description"]


def test_plain_http_is_accepted_if_the_setting_allows_it(make_app: MakeApp) -> None:
    """TAPAUTH_REQUIRE_HTTPS."""
    http = make_app(TAPAUTH_REQUIRE_HTTPS=False).test_client()

    answer = http.get(
        "/orders", headers=bearer("junk"), base_url="http://api.example.com"
    )

    assert answer.status_code == 401
