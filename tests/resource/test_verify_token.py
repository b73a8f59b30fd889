"""``verify_token``, and what guards believe of each other in one request."""

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
    """The same check as a call."""
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
    """A websocket lived on a revoked token."""
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
    """A long stream lived on an expired token; a guard looks as well."""
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
    """The token ends with its client, in the middle of a request too."""
    with app.test_request_context("/socket", headers=bearer(token)):
        verify_token()
        app.extensions["tapauth"].clients.disable(registered.client_id)
        with pytest.raises(Unauthorized):
            verify_token()


def test_a_guarded_function_of_a_socket_looks_again(
    app: Flask,
    tapauth: TapAuth,
    registered: Registered,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is called for each message of a long request."""
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
    """A blueprint's guard and its view's are one statement, and each asks its scope."""
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


def test_a_token_is_told_of_once_however_often_it_is_looked_up(
    app: Flask, token: str
) -> None:
    """docs/how-to/app/testing.md: `token_authenticated` counts callers, not looks."""
    heard: list[Any] = []

    def hear(sender: Flask, token: Any) -> None:
        heard.append(token)

    with (
        signals.token_authenticated.connected_to(hear, app),
        app.test_request_context("/orders", headers=bearer(token)),
    ):
        checked = [verify_token(), verify_token("orders:read")]

    assert heard == checked[:1]
