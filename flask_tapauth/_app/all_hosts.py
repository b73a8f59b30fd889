"""Add the rules of a blueprint on every host of an app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Blueprint, Flask, current_app, request
from flask.blueprints import BlueprintSetupState

from .routes import Route

_HOST: Final = "tapauth_host"
"""The variable for the host or the subdomain in our rules."""


def add_on_all_hosts(blueprint: Blueprint, routes: Iterable[Route]) -> None:
    """Have a blueprint add these routes to each app that it is registered on."""
    routes = tuple(routes)

    def add(state: BlueprintSetupState) -> None:
        for method, rule, view in routes:
            for where in _everywhere(state):
                state.add_url_rule(rule, view_func=view, methods=[method], **where)

    blueprint.record(add)
    blueprint.url_defaults(_add_host)
    blueprint.url_value_preprocessor(_drop_host)


def _everywhere(state: BlueprintSetupState) -> list[dict[str, str]]:
    app: Flask = state.app  # type: ignore[assignment] # Flask's base class, for Quart
    if app.url_map.host_matching:
        return [{"host": f"<{_HOST}>"}]
    if app.subdomain_matching and state.subdomain is None:
        return [{"subdomain": ""}, {"subdomain": f"<{_HOST}>"}]
    return [{}]


def _add_host(_: str, values: dict[str, Any]) -> None:
    if current_app.url_map.host_matching:
        values.setdefault(_HOST, request.host)


def _drop_host(_: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop(_HOST, None)  # the views do not take it
