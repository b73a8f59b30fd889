"""An app that keeps events, and people who sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, session

from flask_tapauth import TapAuth

from ..conftest import MakeApp

Events = Callable[..., list[tuple[str, str | None]]]


@pytest.fixture
def app(make_app: MakeApp, tapauth: TapAuth, request: pytest.FixtureRequest) -> Flask:
    """The app; a parameter has more settings."""
    settings: dict[str, Any] = getattr(request, "param", {})
    app = make_app(TAPAUTH_AUDIT=True, SECRET_KEY="a key for tests", **settings)
    tapauth.current_user_loader(lambda: session.get("person") and _Person())
    tapauth.user_loader(lambda user_id: _Person())

    @app.post("/sign-in")
    def sign_in() -> str:
        session["person"] = "ann"
        return ""

    return app


class _Person:
    id = "ann"


@pytest.fixture
def events(app: Flask, tapauth: TapAuth) -> Events:
    """Return what happened since, the oldest first, as actions and reasons."""

    def events(**wanted: Any) -> list[tuple[str, str | None]]:
        found = tapauth.events.list(**wanted)
        return [(event.action, event.reason) for event in reversed(found)]

    return events
