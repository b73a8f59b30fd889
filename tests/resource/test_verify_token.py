"""``verify_token``, and several checks in one request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import Forbidden, Unauthorized

from flask_tapauth import TapAuth, current_token, require_token, signals, verify_token
from flask_tapauth._resource import protector

from ..conftest import IssueToken, Registered, bearer


def test_verify_token_returns_the_token(app: Flask, token: str) -> None:
    """docs: the same check as the decorator's, as a call."""
    with app.test_request_context("/anything", headers=bearer(token)):
        checked = verify_token("orders:read")
        assert checked is not None
        assert checked.scopes == ("orders:read", "orders:write")
        assert checked == current_token
    with app.test_request_context("/anything"):
        assert verify_token(optional=True) is None


def test_a_token_revoked_meanwhile_is_refused(
    app: Flask, tapauth: TapAuth, registered: Registered, token: str
) -> None:
    """A websocket stayed open with a revoked token."""
    with app.test_request_context("/socket", headers=bearer(token)):
        assert verify_token("orders:read") == verify_token()
        tapauth.tokens.revoke_all(client=registered)
        with pytest.raises(Unauthorized) as refusal:
            verify_token()
        assert not current_token

    answer = refusal.value.get_response()
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_expired_meanwhile_is_refused(
    app: Flask, issue_token: IssueToken, wait: Callable[[int], None]
) -> None:
    """A long stream went on with an expired token."""
    guarded = require_token(lambda: "message")
    for check in (verify_token, guarded):
        headers = bearer(issue_token(expires_in=10))
        with app.test_request_context("/stream", headers=headers):
            assert check()
            wait(11)
            with pytest.raises(Unauthorized):
                check()


def test_a_client_disabled_meanwhile_is_refused(
    app: Flask, registered: Registered, token: str
) -> None:
    """Its token is refused in the middle of a request."""
    with app.test_request_context("/socket", headers=bearer(token)):
        verify_token()
        app.extensions["tapauth"].clients.disable(registered.client_id)
        with pytest.raises(Unauthorized):
            verify_token()


def test_a_guarded_function_of_a_socket_checks_again(
    app: Flask,
    tapauth: TapAuth,
    registered: Registered,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A websocket's function is called for each message of a long request."""
    guarded = require_token("orders:read")(lambda: "message")
    with app.test_request_context("/socket", headers=bearer(token)):
        assert guarded() == "message"
        tapauth.tokens.revoke_all(client=registered)
        later = time.monotonic() + protector._CHECK_VALID_FOR + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with pytest.raises(Unauthorized):
            guarded()


def test_guards_of_one_request_look_once(
    app: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blueprint and its view share one statement; each checks its scope."""
    looks: list[str] = []
    reader = type(app.extensions["tapauth"].reader)
    read = reader.read

    def count(self: Any, sent: str) -> Any:
        looks.append(sent)
        return read(self, sent)

    monkeypatch.setattr(reader, "read", count)
    with app.test_request_context("/orders", headers=bearer(token)):
        verify_token("orders:read")
        assert require_token("orders:write")(lambda: "written")() == "written"
        with pytest.raises(Forbidden):
            require_token("admin")(lambda: "")()
        assert current_token
    assert looks == [token]


def test_a_request_is_signalled_once(app: Flask, token: str) -> None:
    """docs: `token_authenticated` counts requests, and not look-ups."""
    heard: list[Any] = []

    def hear(sender: Flask, token: Any) -> None:
        heard.append(token)

    with (
        signals.token_authenticated.connected_to(hear, app),
        app.test_request_context("/orders", headers=bearer(token)),
    ):
        checked = [verify_token(), verify_token("orders:read")]

    assert heard == checked[:1]
