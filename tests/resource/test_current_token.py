"""`current_token`: the client, the user and the scopes of a request's token."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask, copy_current_request_context
from flask.testing import FlaskClient

from flask_tapauth import (
    AccessToken,
    ConfigError,
    TapAuth,
    current_token,
    require_token,
    verify_token,
)

from ..conftest import IssueToken, Register, Registered, bearer


@pytest.fixture
def seen(app: Flask) -> list[Any]:
    """What a view found in `current_token`, by the name of the attribute."""
    seen: list[Any] = []

    @app.get("/seen")
    @require_token(optional=True)
    def view() -> str:
        seen.append(
            {
                name: getattr(current_token, name)
                for name in ("client_id", "user_id", "scopes", "expires_at", "user")
            }
            if current_token
            else None
        )
        return ""

    return seen


def test_it_has_the_values_of_the_token(
    http: FlaskClient, seen: list[Any], registered: Registered, issue_token: IssueToken
) -> None:
    """Client, user, scopes, and times in seconds since the epoch."""
    before = int(time.time())
    token = issue_token(scopes="orders:read", expires_in=60)

    http.get("/seen", headers=bearer(token))

    [attributes] = seen
    assert before + 60 <= attributes.pop("expires_at") <= int(time.time()) + 60
    assert attributes == {
        "client_id": registered.client_id,
        "user_id": None,
        "scopes": ("orders:read",),
        "user": None,
    }


def test_the_client_is_the_hosts_own_record(
    app: Flask, http: FlaskClient, tapauth: TapAuth, token: str
) -> None:
    """`current_token.client` is an object of the host's client model."""

    @app.get("/client")
    @require_token
    def client() -> str:
        record = current_token.client
        assert isinstance(record, tapauth.Client)
        return record.client_name

    assert http.get("/client", headers=bearer(token)).text == "Reports"


def test_it_has_the_user_of_the_token(
    http: FlaskClient, tapauth: TapAuth, seen: list[Any], issue_token: IssueToken
) -> None:
    """`@tapauth.user_loader` returns the user for the id in the token."""
    people = {"7": "Zoë"}
    tapauth.user_loader(people.get)

    http.get("/seen", headers=bearer(issue_token(user_id="7")))

    assert (seen[0]["user_id"], seen[0]["user"]) == ("7", "Zoë")


def test_a_client_is_not_taken_for_the_user_with_its_id(
    http: FlaskClient,
    tapauth: TapAuth,
    seen: list[Any],
    register: Register,
    issue_token: IssueToken,
) -> None:
    """A client could act as the user with the same id."""
    tapauth.user_loader({"7": "Zoë"}.get)

    http.get("/seen", headers=bearer(issue_token(register(client_id="7"))))

    assert (seen[0]["client_id"], seen[0]["user_id"], seen[0]["user"]) == (
        "7",
        None,
        None,
    )


def test_a_user_without_a_user_loader_is_an_error(
    app: Flask, issue_token: IssueToken
) -> None:
    """The error says how to register a loader."""
    token = issue_token(user_id="7")

    with app.test_request_context(headers=bearer(token)):
        verify_token()
        with pytest.raises(ConfigError, match="user_loader"):
            _ = current_token.user


def test_it_is_falsy_without_a_token(
    http: FlaskClient, seen: list[Any], app: Flask
) -> None:
    """Outside of a request as well."""
    http.get("/seen")

    assert seen == [None]
    assert not current_token


def test_no_request_sees_the_token_of_another(
    app: Flask, http: FlaskClient, seen: list[Any], token: str
) -> None:
    """Tests make several requests in one app context, and these share `g`."""
    with app.app_context():
        http.get("/seen", headers=bearer(token))
        http.get("/seen")

    assert seen[0] is not None
    assert seen[1] is None


def test_it_is_in_a_copied_request_context(
    app: Flask, http: FlaskClient, registered: Registered, token: str
) -> None:
    """Flask's `copy_current_request_context`, for a thread of the same request."""
    seen: list[str] = []

    @app.get("/thread")
    @require_token
    def view() -> str:
        @copy_current_request_context
        def work() -> None:
            seen.append(current_token.client_id)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return ""

    http.get("/thread", headers=bearer(token))

    assert seen == [registered.client_id]


def test_an_access_token_cannot_be_changed(app: Flask, token: str) -> None:
    """A view that sets `scopes` must not change what later checks see."""
    with app.test_request_context(headers=bearer(token)):
        checked = verify_token()
        assert isinstance(checked, AccessToken)
        with pytest.raises(AttributeError):
            checked.scopes = ("admin",)  # type: ignore[misc]
