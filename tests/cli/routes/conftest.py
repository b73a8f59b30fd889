"""Find a route in what the command prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .. import RunJson

RoutesOf = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def routes_of(run_json: RunJson) -> RoutesOf:
    """Return the listed routes of an endpoint, without the endpoint and the rule."""

    def routes_of(endpoint: str) -> list[dict[str, Any]]:
        return [
            {key: route[key] for key in route if key not in ("endpoint", "rule")}
            for route in run_json("routes")
            if route["endpoint"] == endpoint
        ]

    return routes_of


def route(guard: str, *methods: str, **more: list[str]) -> dict[str, Any]:
    """A listed route; GET without scopes unless more is given."""
    return {
        "methods": list(methods or ("GET",)),
        "guard": guard,
        "scopes": [],
        "any_of": [],
        "unknown_scopes": [],
        **more,
    }
