"""Streamed answers: the headers are sent before the stream looks for its token."""

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
def test_a_stream_that_looks_too_late_for_its_token_sends_nothing(
    host: Flask, token: str, place: str
) -> None:
    """What such a token opened went out as `public`: the headers had been sent."""
    _streamed(host, checks_first=False)

    with pytest.raises(ConfigError, match="'late' first looks for a token while"):
        host.test_client().open("/late", **put(token, place))


@pytest.mark.parametrize("place", UNKNOWN_TO_CACHES)
def test_a_stream_that_looked_in_time_is_for_its_caller_alone(
    host: Flask, token: str, place: str
) -> None:
    """README: call it in the view too, and the stream may look as often as it likes."""
    _streamed(host, checks_first=True)

    answer = host.test_client().open("/late", **put(token, place))

    assert answer.text == "text"
    assert "private" in directives(answer)
    assert not answer.cache_control.public


def test_a_stream_may_look_late_for_a_bearer_token(host: Flask, token: str) -> None:
    """RFC 9111 §3.5: caches know that one."""
    _streamed(host, checks_first=False)

    assert host.test_client().get("/late", headers=bearer(token)).text == "text"
