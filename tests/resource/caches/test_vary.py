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
def test_vary_is_added_to(
    app: Flask, http: FlaskClient, token: str, said: str, left: set[str]
) -> None:
    """RFC 9110 §12.5.5: a list of names, or the one `*`."""

    @app.get("/said")
    @require_token
    def view() -> Any:
        return "", 200, {"Vary": said}

    answer = http.get("/said", headers={"Access-Token": token})

    assert varies(answer) == left
    assert len(answer.vary) == len(left)


def test_the_two_answers_of_an_optional_view_are_told_apart(host: Flask) -> None:
    """A stored answer for anybody was served to those who sent a token."""
    answer = host.test_client().get("/optional")

    assert answer.text == "anybody"
    assert answer.cache_control.public
    assert varies(answer) == {"authorization", "access-token", "access_token"}


def test_an_optional_view_varies_with_a_bearer_token_too(
    host: Flask, token: str
) -> None:
    """RFC 9111 §4.1: what is `public` by the view's word is stored with its `Vary`."""
    answer = host.test_client().get("/optional", headers=bearer(token))

    assert {"authorization", "access-token"} <= varies(answer)


def test_a_page_in_place_of_a_missing_token_is_told_apart(host: Flask) -> None:
    """A sign-in page with status 200 was stored and served to those with a token."""
    host.register_error_handler(401, lambda error: ("please sign in", 200))

    answer = host.test_client().get("/plain")

    assert answer.status_code == 200
    assert "access-token" in varies(answer)
