"""What a host's loaders return by mistake never lets anybody in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import ConfigError, RegisteredClient, TapAuth

from ...conftest import grant
from ...server.host_grants.conftest import allow, exchange, request_authorization
from ...server.host_grants.conftest import app as app  # it has a consent page
from ...server.host_grants.conftest import page as page


async def _inactive() -> bool:
    return False


@pytest.mark.parametrize(
    "is_active", [False, lambda: False, None, 0], ids=["value", "method", "None", "0"]
)
def test_an_inactive_account_cannot_consent(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient, is_active: Any
) -> None:
    """`is_active` may be a method: the method itself is true."""
    person = SimpleNamespace(id="7", is_active=is_active)
    tapauth.current_user_loader(lambda: person)

    answer = request_authorization(http, page)

    assert "error=access_denied" in answer.location


def test_an_async_is_active_is_a_server_error(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient
) -> None:
    """The coroutine that it returns is true."""
    person = SimpleNamespace(id="7", is_active=_inactive)
    tapauth.current_user_loader(lambda: person)

    assert "error=server_error" in request_authorization(http, page).location


@pytest.mark.parametrize(
    "hook", ["user_loader", "current_user_loader", "claims_loader", "error_renderer"]
)
def test_an_async_hook_is_refused(tapauth: TapAuth, hook: str) -> None:
    """Nobody would await it, and its coroutine would be taken for a person."""

    async def load(*_: Any) -> None:
        return None

    with pytest.raises(ConfigError, match=f"{hook} is a coroutine function"):
        getattr(tapauth, hook)(load)


@pytest.mark.parametrize("is_active", ["false", "no", lambda: "0"])
def test_an_is_active_that_is_a_string_is_a_server_error(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient, is_active: Any
) -> None:
    """The string "false" is true."""
    person = SimpleNamespace(id="7", is_active=is_active)
    tapauth.current_user_loader(lambda: person)

    assert "error=server_error" in request_authorization(http, page).location


def _none() -> Any:
    return None


def _generator() -> Any:
    yield SimpleNamespace(id="7")


@pytest.mark.parametrize(
    ("load", "refused"),
    [
        (lambda user_id: False, "invalid_grant"),
        (lambda user_id: [], "invalid_grant"),
        (lambda user_id: _none(), "invalid_grant"),
        (lambda user_id: _generator(), "server_error"),
        (lambda user_id: _inactive(), "server_error"),
    ],
    ids=["False", "list", "None", "generator", "coroutine"],
)
def test_a_user_loader_that_finds_nobody_renews_no_token(
    tapauth: TapAuth,
    http: FlaskClient,
    page: RegisteredClient,
    load: Any,
    refused: str,
) -> None:
    """Anything but None was taken for a person who still exists."""
    tokens = exchange(http, page, allow(http, page)["code"]).get_json()
    tapauth.user_loader(load)
    form = {
        "grant_type": "refresh_token",
        "client_id": page.client_id,
        "refresh_token": tokens["refresh_token"],
    }

    assert http.post("/oauth/token", data=form).get_json()["error"] == refused


async def _awaited_id() -> str:
    return "7"


@pytest.mark.parametrize(
    "person",
    [
        SimpleNamespace(get_id=_awaited_id),
        SimpleNamespace(id=b"7"),
        SimpleNamespace(id="a\0b"),
        SimpleNamespace(id="\ud800"),
        SimpleNamespace(id=""),
        SimpleNamespace(id="x" * 256),
        SimpleNamespace(id=None),
        SimpleNamespace(id=7.5),
    ],
    ids=["awaited", "bytes", "NUL", "surrogate", "empty", "long", "none", "float"],
)
def test_an_unusable_id_is_a_server_error(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient, person: Any
) -> None:
    """Tokens were stored for a user "<coroutine object ...>", or the answer was 500."""
    tapauth.current_user_loader(lambda: person)

    assert "error=server_error" in request_authorization(http, page).location


def test_an_id_may_be_a_uuid(
    tapauth: TapAuth, http: FlaskClient, page: RegisteredClient
) -> None:
    """Many hosts have users with such ids."""
    person = SimpleNamespace(id=UUID(int=7))
    tapauth.current_user_loader(lambda: person)

    assert request_authorization(http, page).status_code == 200


@pytest.mark.parametrize("made_by", ["generator", "async generator"])
def test_a_generator_as_a_hook_is_refused(tapauth: TapAuth, made_by: str) -> None:
    """The generator is true, even if it would yield nobody."""

    def plain() -> Any:
        yield None

    async def later() -> Any:
        yield None

    hook: Any = tapauth.user_loader
    with pytest.raises(ConfigError, match="write it with def, and return"):
        hook(plain if made_by == "generator" else later)


@pytest.mark.parametrize("claims", [["tenant"], "tenant", {"when": object()}, 7])
def test_wrong_claims_are_a_server_error_that_the_log_explains(
    make_app: Any,
    tapauth: TapAuth,
    caplog: pytest.LogCaptureFixture,
    claims: Any,
) -> None:
    """docs: `claims_loader` returns a dict with JSON values, or None."""
    from ...tokens.jwt.conftest import make_key, signing

    app: Flask = make_app(**signing(make_key()))
    tapauth.claims_loader(lambda *_: claims)
    with app.app_context():
        client = tapauth.clients.create("Reports")

    answer = app.test_client().post("/oauth/token", data=grant(client))

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert "claims_loader" in caplog.text


def test_a_claims_loader_may_return_none(make_app: Any, tapauth: TapAuth) -> None:
    """docs: `claims_loader` returns a dict or None."""
    from ...tokens.jwt.conftest import make_key, signing

    app: Flask = make_app(**signing(make_key()))
    tapauth.claims_loader(lambda *_: None)
    with app.app_context():
        client = tapauth.clients.create("Reports")

    assert app.test_client().post("/oauth/token", data=grant(client)).status_code == 200
