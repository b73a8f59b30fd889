"""An app that calls another app in the same request: each checks its own token."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as WsgiClient
from werkzeug.wrappers import Response

from flask_tapauth import (
    TapAuth,
    current_token,
    require_token,
    verify_token,
)

from ..conftest import bearer
from .conftest import issue


@pytest.fixture
def tokens(one: Flask, two: Flask, tapauth: TapAuth) -> dict[str, str]:
    """The headers of one request with a token for each app, where that app looks."""
    return {
        **bearer(issue(one, tapauth, "client-of-one")),
        "Access-Token": issue(two, tapauth, "client-of-two"),
    }


def test_dispatched_apps_see_their_own_tokens(
    one: Flask, two: Flask, tokens: dict[str, str]
) -> None:
    """werkzeug's DispatcherMiddleware gives both apps the same environ."""
    http = WsgiClient(DispatcherMiddleware(one, {"/two": two}), Response)

    seen = [
        http.get(path, headers=tokens).get_json()["client_id"]
        for path in ("/whoami", "/two/whoami", "/whoami")
    ]

    assert seen == ["client-of-one", "client-of-two", "client-of-one"]


@pytest.mark.parametrize("checked_before", [True, False])
def test_an_app_called_with_the_same_environ_sees_its_own_token(
    one: Flask, two: Flask, tokens: dict[str, str], checked_before: bool
) -> None:
    """What the outer app found must not be taken for the inner app's token."""

    @one.get("/outer")
    def outer() -> dict[str, Any]:
        if checked_before:
            verify_token()
        environ = {**request.environ, "PATH_INFO": "/whoami"}
        inner = Response.from_app(two, environ)
        current = current_token.client_id if current_token else None
        checked = verify_token()
        return {
            "inner": inner.get_json()["client_id"],
            "current": current,
            "checked": checked and checked.client_id,
        }

    answer = one.test_client().get("/outer", headers=tokens)

    assert answer.get_json() == {
        "inner": "client-of-two",
        "current": "client-of-one" if checked_before else None,
        "checked": "client-of-one",
    }


def test_an_inner_app_refuses_the_token_of_the_outer_app(
    one: Flask, two: Flask, tokens: dict[str, str]
) -> None:
    """Each app checks for itself, and the outer token stays current outside."""

    @one.get("/outer")
    @require_token
    def outer() -> dict[str, Any]:
        environ = {**request.environ, "PATH_INFO": "/whoami"}
        del environ["HTTP_ACCESS_TOKEN"]
        inner = Response.from_app(two, environ)
        return {"inner": inner.status_code, "current": current_token.client_id}

    answer = one.test_client().get("/outer", headers=tokens)

    assert answer.status_code == 200
    assert "WWW-Authenticate" not in answer.headers
    assert answer.get_json() == {"inner": 401, "current": "client-of-one"}
