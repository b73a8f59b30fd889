"""``TapAuthClient`` of ``flask_tapauth.testing`` sends a token with each request.

pytest-flask pushes a context of `app` around each test, and none of `elsewhere`.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, has_app_context, request

from flask_tapauth import RegistrationError, TapAuth
from flask_tapauth.errors import NotInitialisedError, UnknownClientError
from flask_tapauth.testing import TapAuthClient, act_as

from ..conftest import MakeApp, Register, Registered, bearer
from .conftest import SIGNED, whoami


@pytest.fixture(params=[{}, SIGNED], ids=["opaque", "jwt"])
def app(request: pytest.FixtureRequest, make_app: MakeApp) -> Flask:
    app = make_app(**request.param)
    app.test_client_class = TapAuthClient
    _add_mirror(app)
    return app


def make_client(app: Flask, **wanted: Any) -> TapAuthClient:
    http = app.test_client(**wanted)
    assert isinstance(http, TapAuthClient)
    return http


def test_a_test_client_sends_a_token(app: Flask, registered: Registered) -> None:
    """docs/how-to/app/testing.md: `app.test_client(client=…)`, for each request."""
    http = make_client(app, client=registered)

    for _ in range(2):
        assert whoami(http) == {
            "client_id": "reports",
            "user_id": None,
            "scopes": ["orders:read", "orders:write"],
        }


def test_without_a_client_no_token_is_sent(app: Flask, registered: Registered) -> None:
    """docs/how-to/app/testing.md: it can be the class of all test clients."""
    http = make_client(app)

    assert http.token is None
    assert whoami(http) == 401


@pytest.mark.parametrize("scopes", ["orders:write", ["orders:write"]])
def test_its_token_has_the_given_scopes(
    app: Flask, registered: Registered, scopes: Any
) -> None:
    """docs/how-to/app/testing.md: `scopes` is a string or a list."""
    http = make_client(app, client="reports", scopes=scopes)

    assert whoami(http)["scopes"] == ["orders:write"]
    assert http.get("/orders").status_code == 403


def test_its_token_may_have_no_scope(app: Flask, registered: Registered) -> None:
    """An empty string means no scope; None means all registered scopes."""
    assert whoami(make_client(app, client="reports", scopes=""))["scopes"] == []


def test_its_token_may_be_for_a_person(app: Flask, registered: Registered) -> None:
    """docs/how-to/app/testing.md: `user_id`."""
    assert whoami(make_client(app, client="reports", user_id="7"))["user_id"] == "7"


def test_it_sends_a_given_token(app: Flask, registered: Registered, token: str) -> None:
    """docs/how-to/app/testing.md: `token` is sent instead of a new one."""
    http = make_client(app, client="nobody", token=token)

    assert http.token == token
    assert whoami(http)["client_id"] == "reports"


def test_a_request_may_have_another_authorization_header(
    app: Flask, register: Register, registered: Registered
) -> None:
    """The header of one request replaces the token for that request."""
    http = make_client(app, client=registered)
    other = make_client(app, client=register(client_id="other")).token

    assert http.get("/mirror", headers={"Authorization": "Own x"}).text == "Own x"
    assert http.get("/mirror", auth=("a", "b")).text == "Basic YTpi"
    answer = http.get("/whoami", headers=bearer(str(other)))
    assert answer.get_json()["client_id"] == "other"
    assert whoami(http)["client_id"] == "reports"


def test_its_token_can_be_replaced(
    app: Flask, register: Register, registered: Registered
) -> None:
    """docs/how-to/app/testing.md: `token` can be set to None, or to another token."""
    http = make_client(app, client=registered)
    other = make_client(app, client=register(client_id="other"))
    token = http.token

    http.token = None
    assert whoami(http) == 401
    http.token = other.token
    assert whoami(http)["client_id"] == "other"
    http.token = token
    assert whoami(http)["client_id"] == "reports"


def test_a_header_of_the_hosts_environ_base_is_kept(
    app: Flask, registered: Registered, token: str
) -> None:
    """Without a token, it must behave like Flask's own test client."""
    http = make_client(app)
    http.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    assert whoami(http)["client_id"] == "reports"


@pytest.mark.parametrize(
    ("client", "wanted", "error"),
    [
        ("nobody", {}, UnknownClientError),
        ("reports", {"scopes": "orders:delete"}, RegistrationError),
        ("reports", {"scopes": "orders:réad"}, RegistrationError),
        ("reports", {"user_id": ""}, RegistrationError),
        ("disabled", {}, RegistrationError),
    ],
)
def test_a_token_that_cannot_be_issued_is_an_error(
    app: Flask,
    register: Register,
    registered: Registered,
    client: str,
    wanted: dict[str, Any],
    error: type[Exception],
) -> None:
    """Otherwise a test of a host would fail later, by a 401."""
    register(client_id="disabled")
    app.extensions["tapauth"].clients.disable("disabled")

    with pytest.raises(error):
        make_client(app, client=client, **wanted)
    with pytest.raises(error):
        act_as(client, **wanted)


@pytest.fixture
def elsewhere(make_app: MakeApp, tapauth: TapAuth) -> Flask:
    """An app with a client; pytest-flask pushes no context of this app."""
    host = make_app()
    host.test_client_class = TapAuthClient
    with host.app_context():
        tapauth.clients.create("Reports", client_id="reports", scopes="orders:read")
    return host


def test_a_test_client_needs_no_context(elsewhere: Flask) -> None:
    """Many hosts make a test client outside of an app context."""
    assert not has_app_context()

    assert whoami(make_client(elsewhere, client="reports"))["client_id"] == "reports"


def test_an_app_without_the_extension_is_an_error() -> None:
    """The error says which function to call."""
    stranger = Flask("stranger")
    stranger.test_client_class = TapAuthClient

    with pytest.raises(NotInitialisedError):
        stranger.test_client(client="reports")


def test_pytest_flasks_own_client_can_be_given_a_token(
    client: TapAuthClient, token: str
) -> None:
    """The `client` fixture of pytest-flask is made without arguments."""
    client.token = token

    answer: Any = client.get("/whoami")

    assert answer.json["client_id"] == "reports"


def _add_mirror(app: Flask) -> None:
    @app.get("/mirror")
    def mirror() -> str:
        return request.headers.get("Authorization", "")
