"""A misplaced guard is noticed on views and hooks that are not plain functions."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import ConfigError, require_token

from ..conftest import bearer


class Listing:
    """Views that are not plain functions."""

    def __call__(self) -> str:
        return "listed"

    def show(self) -> str:
        return "listed"


@pytest.mark.parametrize(
    "view", [Listing(), Listing().show, functools.partial(str, "listed")]
)
def test_views_that_are_no_functions_are_noticed(app: Flask, view: Any) -> None:
    """Objects, bound methods and partials were left open."""
    app.add_url_rule("/open", "open", view)
    require_token(view)

    with pytest.raises(ConfigError, match="'open' is not guarded"):
        app.test_client().get("/open")


@pytest.mark.parametrize("form", [Listing(), functools.partial(lambda: None)])
def test_hooks_that_are_no_functions_are_noticed(app: Flask, form: Any) -> None:
    """Objects and partials have no name; the error shows their `repr`."""
    app.before_request(form)
    require_token(form)

    with pytest.raises(ConfigError, match="runs before requests and is not guarded"):
        app.test_client().get("/orders")


@pytest.mark.parametrize("view", [Listing(), Listing().show])
def test_guarded_objects_are_accepted(app: Flask, token: str, view: Any) -> None:
    """The right order, for objects and bound methods."""
    app.add_url_rule("/guarded", "guarded", require_token(view))
    http = app.test_client()

    assert http.get("/guarded").status_code == 401
    assert http.get("/guarded", headers=bearer(token)).text == "listed"
