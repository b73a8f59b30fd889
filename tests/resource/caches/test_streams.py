"""Streamed answers, whose headers are sent before the stream runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import (
    Flask,
    Response,
    current_app,
    stream_with_context,
)

from flask_tapauth import (
    ConfigError,
    verify_token,
)

from ...conftest import bearer
from ..conftest import put
from .conftest import CACHE, UNKNOWN_TO_CACHES, directives


def _streamed(host: Flask, *, checks_first: bool) -> None:
    def lines() -> Iterator[str]:
        verify_token()
        yield "text"

    @host.route("/late", methods=["GET", "POST"])
    def late() -> Response:
        if checks_first:
            verify_token()
        headers = {CACHE: "public, max-age=60"}
        return current_app.response_class(stream_with_context(lines()), headers=headers)


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
def test_a_stream_that_checks_its_token_too_late_is_an_error(
    host: Flask, token: str, place: str
) -> None:
    """The answer to such a token was `public`, as its headers had been sent."""
    _streamed(host, checks_first=False)

    with pytest.raises(ConfigError, match="'late' checks a token while"):
        host.test_client().open("/late", **put(token, place))


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
def test_a_stream_whose_view_checked_the_token_is_private(
    host: Flask, token: str, place: str
) -> None:
    """how-to/app/guarding: a stream may call `verify_token` again."""
    _streamed(host, checks_first=True)

    answer = host.test_client().open("/late", **put(token, place))

    assert answer.text == "text"
    assert "private" in directives(answer)
    assert not answer.cache_control.public


def test_a_stream_may_check_a_bearer_token_late(host: Flask, token: str) -> None:
    """RFC 9111 §3.5: caches do not store answers to `Authorization`."""
    _streamed(host, checks_first=False)

    assert host.test_client().get("/late", headers=bearer(token)).text == "text"
