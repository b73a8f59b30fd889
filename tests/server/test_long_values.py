"""Long values that the server issues can be sent back to it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ..conftest import MakeApp, Register, bearer, grant
from ..tokens.jwt.conftest import make_key, signing

MANY = [f"orders:{number}:read" for number in range(400)]


def test_a_client_asks_for_all_its_scopes_however_many(
    http: FlaskClient, register: Register
) -> None:
    """A limit of 4,096 characters kept a client from asking for what it has."""
    client = register(scopes=MANY)

    answer = http.post("/oauth/token", data=grant(client, scope=" ".join(MANY)))

    assert answer.status_code == 200
    assert answer.get_json()["scope"].split() == MANY


def test_a_long_signed_token_opens_is_introspected_and_revoked(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """75 roles of claims_loader made a token that nobody could take back."""
    app = make_app(**signing(make_key()))
    tapauth.claims_loader(lambda *_: {"roles": [f"role-{n:050}" for n in range(75)]})
    with app.app_context():
        client = tapauth.clients.create("Reports")
    http = app.test_client()
    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    assert len(token) > 4096
    form = grant(client, token=token)

    def seen() -> tuple[int, Any]:
        view = http.get("/whoami", headers=bearer(token))
        told = http.post("/oauth/introspect", data=form)
        return view.status_code, told.get_json()["active"]

    before = seen()
    assert http.post("/oauth/revoke", data=form).status_code == 200

    assert (before, seen()) == ((200, True), (401, False))


def test_a_token_that_could_not_be_sent_back_is_not_issued(
    make_app: MakeApp, tapauth: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """A token too long to use is not issued, and the log says what to change."""
    app = make_app(**signing(make_key()))
    tapauth.claims_loader(lambda *_: {"roles": "x" * 40_000})
    with app.app_context():
        client = tapauth.clients.create("Reports")

    answer = app.test_client().post("/oauth/token", data=grant(client))

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert "claims_loader return less" in caplog.text
