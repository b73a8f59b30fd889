"""Requests that carry a token, and a decorator of a host."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..conftest import bearer


def put(token: str, *places: str) -> dict[str, Any]:
    """Return the arguments of a request with a token in these places."""
    sent: dict[str, Any] = {"method": "POST", "headers": {}}
    for place in places:
        if place == "bearer":
            sent["headers"].update(bearer(token))
        elif place == "header":
            sent["headers"]["access_token"] = token
        elif place == "Access-Token":
            sent["headers"]["Access-Token"] = token
        elif place == "form":
            sent["data"] = {"access_token": token}
        elif place == "json":
            sent["json"] = {"access_token": token}
        else:
            sent["query_string"] = {"access_token": token}
    return sent


View = Callable[[], str]


def logged(view: Any) -> Any:
    """A decorator that a host may have on a view."""
    return functools.wraps(view)(lambda *a, **k: view(*a, **k))
