"""Several apps on one TapAuth, and an app on none: what each may know."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_tapauth import (
    RegistrationError,
    TapAuth,
)

from ..conftest import bearer, grant
from .conftest import issue


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
