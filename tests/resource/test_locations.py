"""Guards that accept a token in other places than TAPAUTH_TOKEN_LOCATIONS."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from flask_tapauth import TapAuth, current_token, require_token, verify_token

from ..conftest import MakeApp, bearer


def add_views(app: Flask) -> None:
    @app.route("/bearer", methods=["GET", "POST"])
    @require_token(locations=["bearer"])
    def bearer_alone() -> Any:
        return request.get_json(silent=True) or {}

    @app.get("/query")
    @require_token(locations=("query", "header"))
    def query() -> str:
        return "query"

    @app.post("/called")
    def called() -> Any:
        verify_token(locations=["bearer"])
        return request.get_json()

    @app.post("/mixed")
    @require_token(locations=["bearer"])
    def mixed() -> str:
        verify_token(locations=["body"])
        return current_token.client_id


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    add_views(app)
    return app.test_client()


@pytest.mark.parametrize("path", ["/bearer", "/called"])
def test_a_body_may_have_an_access_token_of_another_service(
    http: FlaskClient, token: str, path: str
) -> None:
    """A user's JSON had such a member, and the answer was 400 (RFC 6750 §2)."""
    sent = {"access_token": "theirs", "shop": 7}

    answer = http.post(path, json=sent, headers=bearer(token))

    assert (answer.status_code, answer.get_json()) == (200, sent)


def test_without_locations_two_tokens_are_refused(app: Flask, token: str) -> None:
    """RFC 6750 §2: all places of the setting count."""

    @app.post("/plain")
    @require_token
    def plain() -> str:
        return "plain"

    sent = {"access_token": "theirs"}
    answer = app.test_client().post("/plain", json=sent, headers=bearer(token))

    assert answer.status_code == 400


def test_a_token_in_another_location_is_ignored(http: FlaskClient, token: str) -> None:
    """A view accepts a token only in its `locations`."""
    assert http.get("/bearer", headers={"Access-Token": token}).status_code == 401
    assert http.get(f"/bearer?access_token={token}").status_code == 401
    assert http.post("/bearer", json={"access_token": token}).status_code == 401
    assert http.get("/query", headers=bearer(token)).status_code == 401
    assert http.get("/query", headers={"Access-Token": token}).text == "query"


def test_a_view_may_have_a_location_that_the_setting_lacks(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """A download link has its token in the URL, and other views must not."""
    narrow = make_app(TAPAUTH_TOKEN_LOCATIONS=("bearer",))
    add_views(narrow)
    with narrow.app_context():
        client = tapauth.clients.create("Downloads")
        token = tapauth.tokens.issue(client)["access_token"]
    http = narrow.test_client()

    assert http.get(f"/query?access_token={token}").text == "query"
    assert http.get(f"/whoami?access_token={token}").status_code == 401


def test_each_guard_has_its_own_locations(http: FlaskClient, token: str) -> None:
    """A token that one guard found elsewhere does not count for another."""
    only_bearer = http.post("/mixed", headers=bearer(token))
    both = http.post("/mixed", data={"access_token": token}, headers=bearer(token))

    assert (only_bearer.status_code, both.status_code) == (401, 200)


@pytest.mark.parametrize(
    ("locations", "error", "message"),
    [
        ("bearer", TypeError, r"write locations=\('bearer',\)"),
        ([], ValueError, "name some of"),
        (["cookie"], ValueError, "name some of"),
        ([None], TypeError, "a location is a string"),
        (7, TypeError, "a location is a string"),
    ],
)
def test_wrong_locations_are_refused(
    locations: Any, error: type[Exception], message: str
) -> None:
    """Each letter of a string would be a location, and the view closed."""
    for guard in (require_token, verify_token):
        with pytest.raises(error, match=message):
            guard("orders:read", locations=locations)
