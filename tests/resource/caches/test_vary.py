"""Answers that depend on a token name its headers in `Vary` (RFC 9110 §12.5.5)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import (
    Flask,
)
from flask.testing import FlaskClient

from flask_tapauth import (
    require_token,
)

from ...conftest import bearer
from .conftest import varies


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Cookie", {"cookie", "access-token", "access_token"}),
        ("access-token", {"access-token", "access_token"}),
        ("*", {"*"}),
    ],
)
def test_vary_keeps_the_names_of_the_view(
    app: Flask, http: FlaskClient, token: str, said: str, left: set[str]
) -> None:
    """RFC 9110 §12.5.5: `Vary` is a list of names, or `*`."""

    @app.get("/said")
    @require_token
    def view() -> Any:
        return "", 200, {"Vary": said}

    answer = http.get("/said", headers={"Access-Token": token})

    assert varies(answer) == left
    assert len(answer.vary) == len(left)


def test_an_optional_view_varies_with_the_token(host: Flask) -> None:
    """The stored answer without a token was served to those who sent one."""
    answer = host.test_client().get("/optional")

    assert answer.text == "anybody"
    assert answer.cache_control.public
    assert varies(answer) == {"authorization", "access-token", "access_token"}


def test_an_optional_view_varies_with_a_bearer_token_too(
    host: Flask, token: str
) -> None:
    """RFC 9111 §4.1: what the view made `public` is stored with its `Vary`."""
    answer = host.test_client().get("/optional", headers=bearer(token))

    assert {"authorization", "access-token"} <= varies(answer)


def test_a_sign_in_page_in_place_of_a_401_varies_with_the_token(host: Flask) -> None:
    """The stored page was served to those who sent a token."""
    host.register_error_handler(401, lambda error: ("please sign in", 200))

    answer = host.test_client().get("/plain")

    assert answer.status_code == 200
    assert "access-token" in varies(answer)
