"""Several apps on one TapAuth, and an app on none: what each may know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as WsgiClient
from werkzeug.wrappers import Response

from flask_tapauth import (
    ConfigError,
    NotInitialisedError,
    RegistrationError,
    TapAuth,
    current_token,
    require_token,
    verify_token,
)

from ..conftest import MakeApp, bearer, grant


@pytest.fixture
def one(make_app: MakeApp, tmp_path: Path) -> Flask:
    return make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/one.db",
        TAPAUTH_TOKEN_LOCATIONS=["bearer"],
    )


@pytest.fixture
def two(make_app: MakeApp, tmp_path: Path) -> Flask:
    """Another app on the same extension, as unlike as settings make it."""
    return make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/two.db",
        TAPAUTH_URL_PREFIX="/auth",
        TAPAUTH_SCOPES={"stock:read": "See the stock"},
        TAPAUTH_ACCESS_TOKEN_EXPIRES_IN=60,
        TAPAUTH_TOKEN_LOCATIONS=["header"],
    )


def issue(app: Flask, tapauth: TapAuth, client_id: str) -> str:
    """Register a client of this id in an app, and give it a token."""
    with app.app_context():
        client = tapauth.register_client("Reports", client_id=client_id)
        token: str = tapauth.issue_token(client)["access_token"]
    return token


def test_each_app_has_its_own_prefix_and_lifetime(
    one: Flask, two: Flask, tapauth: TapAuth
) -> None:
    """Several apps may share one `TapAuth`, settings are an app's own."""
    for app, path, lifetime in ((one, "/oauth", 3600), (two, "/auth", 60)):
        with app.app_context():
            parameters = grant(tapauth.register_client("Reports"))
        other = {"/oauth": "/auth", "/auth": "/oauth"}[path]

        answer = app.test_client().post(f"{path}/token", data=parameters)

        assert answer.get_json()["expires_in"] == lifetime
        missing = app.test_client().post(f"{other}/token", data=parameters)
        assert missing.status_code == 404


def test_each_app_has_its_own_scopes(one: Flask, two: Flask, tapauth: TapAuth) -> None:
    """`TAPAUTH_SCOPES` of one app is no limit of another."""
    with two.app_context():
        tapauth.register_client("Reports", scopes="stock:read")
        with pytest.raises(RegistrationError, match="unknown scope"):
            tapauth.register_client("Reports", scopes="orders:read")
    with one.app_context():
        tapauth.register_client("Reports", scopes="orders:read")


def test_each_app_has_its_own_places(one: Flask, two: Flask, tapauth: TapAuth) -> None:
    """`TAPAUTH_TOKEN_LOCATIONS` narrows the places of one app."""
    tokens = [issue(app, tapauth, "reports") for app in (one, two)]

    answers = [
        app.test_client().get("/whoami", headers=headers).status_code
        for app, token in zip((one, two), tokens, strict=True)
        for headers in (bearer(token), {"Access-Token": token})
    ]

    assert answers == [200, 401, 401, 200]


def test_a_token_and_a_client_are_unknown_in_another_database(
    one: Flask, two: Flask, tapauth: TapAuth
) -> None:
    """Two apps share nothing they learned."""
    token = issue(one, tapauth, "reports")
    issue(two, tapauth, "reports")  # an equal client id, an equal row id
    with one.app_context():
        only_here = grant(tapauth.register_client("Only here"))

    answer = one.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
    answer = two.test_client().get("/whoami", headers={"Access-Token": token})
    assert answer.status_code == 401
    answer = two.test_client().post("/auth/token", data=only_here)
    assert answer.get_json()["error"] == "invalid_client"


def test_a_second_init_app_says_what_to_do(
    one: Flask, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """One state per app; a second one would be silently half-used."""
    state, before = one.extensions["tapauth"], parts(one)

    for again in (tapauth, TapAuth(db=db)):
        with pytest.raises(RuntimeError, match="call init_app once"):
            again.init_app(one)

    assert one.extensions["tapauth"] is state
    assert parts(one) == before


def parts(app: Flask) -> dict[str, Any]:
    """All that an extension can put on an app."""
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
    """A failed start registers nothing, and can be repeated."""
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


def test_a_blueprint_of_our_name_leaves_the_app_as_it_was(tapauth: TapAuth) -> None:
    """A failed start registers nothing, whatever made it fail."""
    app = Flask("host")
    app.register_blueprint(Blueprint("tapauth", "host"))
    before = parts(app)

    with pytest.raises(ConfigError, match="'tapauth'; rename that one"):
        tapauth.init_app(app)

    assert parts(app) == before


@pytest.mark.parametrize(
    "use", ["register_client", "issue_token", "rotate_secret", "revoke_client_tokens"]
)
def test_an_app_that_was_never_initialised_says_why(tapauth: TapAuth, use: str) -> None:
    """`NotInitialisedError` names its two likely causes."""
    causes = r"call TapAuth\.init_app\(app\).*in the context of the same app"

    with (
        Flask("stranger").app_context(),
        pytest.raises(NotInitialisedError, match=causes),
    ):
        getattr(tapauth, use)("Reports")


def test_a_guarded_view_never_runs_in_an_app_that_was_never_initialised() -> None:
    """A protected view never runs unchecked; the error says why."""
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


@pytest.fixture
def tokens(one: Flask, two: Flask, tapauth: TapAuth) -> dict[str, str]:
    """The headers of one request with a token of each app, where that app looks."""
    return {
        **bearer(issue(one, tapauth, "client-of-one")),
        "Access-Token": issue(two, tapauth, "client-of-two"),
    }


def test_dispatched_apps_see_their_own_tokens(
    one: Flask, two: Flask, tokens: dict[str, str]
) -> None:
    """The token of this request, in the app that it was sent to."""
    http = WsgiClient(DispatcherMiddleware(one, {"/two": two}), Response)

    seen = [
        http.get(path, headers=tokens).get_json()["client_id"]
        for path in ("/whoami", "/two/whoami", "/whoami")
    ]

    assert seen == ["client-of-one", "client-of-two", "client-of-one"]


@pytest.mark.parametrize("checked_before", [True, False])
def test_an_app_called_with_the_same_environ_sees_its_own_token(
    one: Flask, two: Flask, tokens: dict[str, str], checked_before: bool
) -> None:
    """What an app knows of a request, an app inside of it does not."""

    @one.get("/outer")
    def outer() -> dict[str, Any]:
        if checked_before:
            verify_token()
        environ = {**request.environ, "PATH_INFO": "/whoami"}
        inner = Response.from_app(two, environ)
        current = current_token.client_id if current_token else None
        checked = verify_token()
        return {
            "inner": inner.get_json()["client_id"],
            "current": current,
            "checked": checked and checked.client_id,
        }

    answer = one.test_client().get("/outer", headers=tokens)

    assert answer.get_json() == {
        "inner": "client-of-two",
        "current": "client-of-one" if checked_before else None,
        "checked": "client-of-one",
    }


def test_an_app_called_inside_refuses_what_the_outer_app_took(
    one: Flask, two: Flask, tokens: dict[str, str]
) -> None:
    """Each app checks for itself, and the outer token stays as it was."""

    @one.get("/outer")
    @require_token
    def outer() -> dict[str, Any]:
        environ = {**request.environ, "PATH_INFO": "/whoami"}
        del environ["HTTP_ACCESS_TOKEN"]
        inner = Response.from_app(two, environ)
        return {"inner": inner.status_code, "current": current_token.client_id}

    answer = one.test_client().get("/outer", headers=tokens)

    assert answer.status_code == 200
    assert "WWW-Authenticate" not in answer.headers
    assert answer.get_json() == {"inner": 401, "current": "client-of-one"}
