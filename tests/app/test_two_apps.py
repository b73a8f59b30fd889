"""Two apps on one TapAuth: each has its own settings, clients and tokens."""

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
    """Apps may share one `TapAuth`; settings belong to one app."""
    for app, path, lifetime in ((one, "/oauth", 3600), (two, "/auth", 60)):
        with app.app_context():
            parameters = grant(tapauth.clients.create("Reports"))
        other = {"/oauth": "/auth", "/auth": "/oauth"}[path]

        answer = app.test_client().post(f"{path}/token", data=parameters)

        assert answer.get_json()["expires_in"] == lifetime
        missing = app.test_client().post(f"{other}/token", data=parameters)
        assert missing.status_code == 404


def test_each_app_has_its_own_scopes(one: Flask, two: Flask, tapauth: TapAuth) -> None:
    """TAPAUTH_SCOPES of one app must not limit another app."""
    with two.app_context():
        tapauth.clients.create("Reports", scopes="stock:read")
        with pytest.raises(RegistrationError, match="unknown scope"):
            tapauth.clients.create("Reports", scopes="orders:read")
    with one.app_context():
        tapauth.clients.create("Reports", scopes="orders:read")


def test_each_app_has_its_own_token_locations(
    one: Flask, two: Flask, tapauth: TapAuth
) -> None:
    """TAPAUTH_TOKEN_LOCATIONS of one app must not open another app."""
    tokens = [issue(app, tapauth, "reports") for app in (one, two)]

    answers = [
        app.test_client().get("/whoami", headers=headers).status_code
        for app, token in zip((one, two), tokens, strict=True)
        for headers in (bearer(token), {"Access-Token": token})
    ]

    assert answers == [200, 401, 401, 200]


def test_tokens_and_clients_of_one_app_are_unknown_to_the_other(
    one: Flask, two: Flask, tapauth: TapAuth
) -> None:
    """What one app has cached must not open a view of the other."""
    token = issue(one, tapauth, "reports")
    issue(two, tapauth, "reports")  # the same client id and row id
    with one.app_context():
        only_here = grant(tapauth.clients.create("Only here"))

    answer = one.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
    answer = two.test_client().get("/whoami", headers={"Access-Token": token})
    assert answer.status_code == 401
    answer = two.test_client().post("/auth/token", data=only_here)
    assert answer.get_json()["error"] == "invalid_client"
