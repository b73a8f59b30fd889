"""`init_app` that fails or is called twice, and an app without it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import (
    ConfigError,
    NotInitialisedError,
    TapAuth,
    require_token,
)


def test_a_second_init_app_is_an_error(
    one: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Half of the app would use the second state, and half the first."""
    state, before = one.extensions["tapauth"], parts(one)

    for again in (tapauth, TapAuth(db=db)):
        with pytest.raises(RuntimeError, match="call init_app once"):
            again.init_app(one)

    assert one.extensions["tapauth"] is state
    assert parts(one) == before


def parts(app: Flask) -> dict[str, Any]:
    """Return all that an extension can change in an app."""
    return {
        "blueprints": set(app.blueprints),
        "rules": sorted(map(str, app.url_map.iter_rules())),
        "commands": set(app.cli.commands),
        "extensions": set(app.extensions),
        "before": {k: list(v) for k, v in app.before_request_funcs.items()},
        "after": {k: list(v) for k, v in app.after_request_funcs.items()},
        "teardown": {k: list(v) for k, v in app.teardown_request_funcs.items()},
        "errors": sorted(map(str, app.error_handler_spec)),
        "config": dict(app.config),
    }


def test_a_failed_init_app_leaves_the_app_as_it_was(tapauth: TapAuth) -> None:
    """A failed start registers nothing, so it can be repeated."""
    app = Flask("host")
    app.config.update(TAPAUTH_URL_PREFIX="oauth", TAPAUTH_SCOPE={})
    before = parts(app)

    with pytest.raises(ConfigError, match=r"TAPAUTH_SCOPE.*TAPAUTH_URL_PREFIX"):
        tapauth.init_app(app)
    assert parts(app) == before

    app.config["TAPAUTH_URL_PREFIX"] = "/oauth"
    del app.config["TAPAUTH_SCOPE"]
    tapauth.init_app(app)
    assert "tapauth" in app.extensions
    assert app.test_client().post("/oauth/token").status_code == 400


def test_a_blueprint_named_tapauth_leaves_the_app_as_it_was(tapauth: TapAuth) -> None:
    """The conflict must be found before anything is registered."""
    app = Flask("host")
    app.register_blueprint(Blueprint("tapauth", "host"))
    before = parts(app)

    with pytest.raises(ConfigError, match="'tapauth'; rename that one"):
        tapauth.init_app(app)

    assert parts(app) == before


@pytest.mark.parametrize(
    "room", ["clients", "tokens", "consents", "users", "keys", "events"]
)
def test_an_app_that_was_never_initialised_says_why(
    tapauth: TapAuth, room: str
) -> None:
    """`NotInitialisedError` names its two likely causes."""
    causes = r"call TapAuth\.init_app\(app\).*in the context of the same app"

    with (
        Flask("stranger").app_context(),
        pytest.raises(NotInitialisedError, match=causes),
    ):
        getattr(tapauth, room)


def test_a_guarded_view_never_runs_in_an_app_that_was_never_initialised() -> None:
    """Without `init_app`, nobody can check the token."""
    ran: list[str] = []
    app = Flask("stranger")
    app.testing = True

    @app.get("/")
    @require_token
    def run() -> str:
        ran.append("ran")
        return "ran"

    with pytest.raises(NotInitialisedError):
        app.test_client().get("/")

    assert ran == []
