"""A code that is presented again ends what came of it (RFC 6749 §4.1.2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import TapAuth, signals

from ...signals.busy_day import SIGNED
from .conftest import MakeFlow
from .flow import Flow

Wait = Callable[[int], None]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code_verifier": None},
        {"code_verifier": "x" * 43},
        {"redirect_uri": "https://evil.example/"},
        {"resource": "https://nowhere.example"},
        {"scope": "unknown"},
    ],
)
def test_a_replay_revokes_the_tokens(each_flow: Flow, changes: dict[str, Any]) -> None:
    """RFC 6749 §4.1.2: whatever else the request says, the code has leaked."""
    code = each_flow.get_code()
    tokens = each_flow.tokens(code)

    assert each_flow.refusal(code, **changes) == (400, "invalid_grant")

    assert not each_flow.opens(tokens["access_token"])
    assert each_flow.renew(tokens["refresh_token"]).status_code == 400


def test_a_replay_revokes_a_token_without_refresh_token(make_flow: MakeFlow) -> None:
    """RFC 6749 §4.1.2: access tokens alone are revoked too."""
    flow = make_flow(grant_types=["authorization_code"])
    code = flow.get_code()
    token = flow.tokens(code)["access_token"]

    assert flow.refusal(code) == (400, "invalid_grant")

    assert not flow.opens(token)


@pytest.mark.parametrize("settings", [SIGNED])
def test_a_replay_revokes_signed_tokens(flow: Flow) -> None:
    """RFC 6749 §4.1.2: a JWT is looked up by its `jti`."""
    code = flow.get_code()
    token = flow.tokens(code)["access_token"]
    assert flow.opens(token)

    flow.exchange(code)

    assert token.count(".") == 2
    assert not flow.opens(token)


def test_a_replay_revokes_renewed_tokens(flow: Flow) -> None:
    """RFC 6749 §4.1.2: all tokens that were issued on the ground of the code."""
    code = flow.get_code()
    renewed = flow.renew(flow.tokens(code)["refresh_token"]).get_json()

    flow.exchange(code)

    assert not flow.opens(renewed["access_token"])
    assert flow.renew(renewed["refresh_token"]).status_code == 400


def test_a_replay_revokes_nothing_else(flow: Flow) -> None:
    """RFC 6749 §4.1.2: tokens of other codes are not on the ground of this one."""
    code = flow.get_code()
    flow.tokens(code)
    other = flow.tokens(flow.get_code())

    flow.exchange(code)

    assert flow.opens(other["access_token"])
    assert flow.renew(other["refresh_token"]).status_code == 200


def test_another_client_revokes_nothing(flow: Flow, make_flow: MakeFlow) -> None:
    """Otherwise a client that sees a used code could end the sessions of another."""
    code = flow.get_code()
    tokens = flow.tokens(code)

    for other in (make_flow(), make_flow(public=False)):
        assert other.refusal(code) == (400, "invalid_grant")

    assert flow.opens(tokens["access_token"])
    assert flow.renew(tokens["refresh_token"]).status_code == 200


def test_an_unauthenticated_replay_revokes_nothing(make_flow: MakeFlow) -> None:
    """Who knows no secret is not the client."""
    flow = make_flow(public=False)
    code = flow.get_code()
    token = flow.tokens(code)["access_token"]

    assert flow.refusal(code, client_secret="wrong") == (401, "invalid_client")

    assert flow.opens(token)


def test_a_replay_is_told_once(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    """`token_revoked` with the reason ``reuse``, and a warning without the code."""
    told: list[tuple[int, str]] = []

    def hear(_: object, *, count: int, reason: str, **__: object) -> None:
        told.append((count, reason))

    code = flow.get_code()
    flow.tokens(code)
    with signals.token_revoked.connected_to(hear, flow.app):
        for _ in range(2):
            flow.exchange(code)

    assert told == [(1, "reuse")]
    [warning] = [r for r in caplog.records if "used twice" in r.getMessage()]
    assert flow.client.client_id in warning.getMessage()
    assert code not in caplog.text


def test_a_replay_is_noticed_as_long_as_the_tokens_live(
    app: Flask, tapauth: TapAuth, wait: Wait, flow: Flow
) -> None:
    """A used code is kept by purges until its tokens have expired."""
    code = flow.get_code()
    tokens = flow.tokens(code)
    unused = flow.get_code()
    wait(24 * 3600)
    with app.app_context():
        assert tapauth.tokens.purge() == 2  # the access token, and the unused code

    assert flow.refusal(unused) == (400, "invalid_grant")
    assert flow.refusal(code) == (400, "invalid_grant")

    assert flow.renew(tokens["refresh_token"]).status_code == 400


def test_a_used_code_is_purged_with_its_tokens(
    app: Flask, tapauth: TapAuth, wait: Wait, flow: Flow
) -> None:
    """Otherwise the table would grow for ever."""
    flow.tokens(flow.get_code())
    wait(15 * 24 * 3600)

    with app.app_context():
        store = app.extensions["tapauth"].store
        before = store.purge.count(int(time.time()))
        tapauth.tokens.purge()
        after = store.purge.count(int(time.time()))

    assert before == (1, 1, 0, 1, 0)
    assert after == (0, 0, 0, 0, 0)
