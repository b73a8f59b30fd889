"""A host where Ann is signed in, and clients of the code grant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from .flow import CALLBACK, ISSUER, Flow

HERE, THERE = "https://api.example", "https://other.example"


@dataclass
class Person:
    id: str
    is_active: bool = True


MakeFlow = Callable[..., Flow]


@pytest.fixture
def ann(tapauth: TapAuth) -> Person:
    """The person who is signed in."""
    ann = Person("ann")
    tapauth.current_user_loader(lambda: ann)
    tapauth.user_loader(lambda user_id: ann if user_id == "ann" else None)
    return ann


@pytest.fixture
def settings() -> dict[str, Any]:
    """More settings, for a test to override."""
    return {}


@pytest.fixture
def app(make_app: MakeApp, ann: Person, settings: dict[str, Any]) -> Flask:
    defaults = {
        "SECRET_KEY": "a key for tests",
        "TAPAUTH_ISSUER": ISSUER,
        "TAPAUTH_RESOURCES": [HERE, THERE],
    }
    return make_app(**{**defaults, **settings})


@pytest.fixture
def make_flow(app: Flask, tapauth: TapAuth) -> MakeFlow:
    """Register a client, by default a public one, for a person's browser."""

    def make(**registration: Any) -> Flow:
        defaults = {
            "public": True,
            "grant_types": ["authorization_code", "refresh_token"],
            "scopes": "orders:read orders:write",
            "redirect_uris": [CALLBACK],
        }
        with app.app_context():
            client = tapauth.clients.create("Shop", **{**defaults, **registration})
        return Flow(app, client)

    return make


@pytest.fixture
def flow(make_flow: MakeFlow) -> Flow:
    return make_flow()


@pytest.fixture(params=[True, False], ids=["public", "confidential"])
def each_flow(request: pytest.FixtureRequest, make_flow: MakeFlow) -> Flow:
    """A public client, and one with a secret."""
    return make_flow(public=request.param)
