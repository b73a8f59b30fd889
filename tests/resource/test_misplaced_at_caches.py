"""A guard below a cache is noticed: each caller would get the first one's answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_caching import Cache

from flask_tapauth import ConfigError, require_token

from ..conftest import bearer
from .conftest import View, logged


@pytest.mark.parametrize("keeps", ["cached", "memoize"])
def test_a_guard_below_a_cache_is_noticed(app: Flask, token: str, keeps: str) -> None:
    """A user's cache served to everybody what the first token had opened."""
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    keep: Callable[..., Callable[[View], View]] = getattr(cache, keeps)

    @app.get("/cached")
    @logged
    @keep()
    @logged
    @require_token
    def listed() -> str:
        return "listed"

    with pytest.raises(ConfigError, match="above the decorator that caches"):
        app.test_client().get("/cached", headers=bearer(token))


@pytest.mark.parametrize("keeps", ["cached", "memoize"])
def test_a_cache_below_a_guard_is_accepted(app: Flask, token: str, keeps: str) -> None:
    """The right order: each request needs a token for the cached answer."""
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})
    keep: Callable[..., Callable[[View], View]] = getattr(cache, keeps)

    @app.get("/guarded")
    @logged
    @require_token
    @logged
    @keep()
    @logged
    def listed() -> str:
        return "listed"

    @app.get("/open")
    @keep()
    def plain() -> str:
        return "plain"

    http = app.test_client()
    for _ in range(2):
        assert http.get("/guarded", headers=bearer(token)).text == "listed"
        assert http.get("/guarded").status_code == 401
    assert http.get("/open").text == "plain"
