"""The checks of our own grants also apply to the grants that a host registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import bearer
from ...outside import run_command
from .conftest import HERE, THERE, CodeGrant, allow, exchange, request_authorization

Change = Callable[..., None]


@pytest.fixture
def change(app: Flask, db: SQLAlchemy, tapauth: TapAuth) -> Change:
    """Change columns of the client."""

    def change(**columns: Any) -> None:
        with app.app_context():
            db.session.execute(sa.update(tapauth.Client).values(**columns))
            db.session.commit()

    return change


def error_of(answer: Any) -> list[str]:
    return parse_qs(urlsplit(answer.location).query)["error"]


@pytest.mark.parametrize("column", ["disabled_at", "secret_expires_at"])
def test_a_disabled_or_expired_client_gets_no_page(
    change: Change, http: FlaskClient, page: RegisteredClient, column: str
) -> None:
    """RFC 6749 §4.1.2.1: people were asked to consent to a disabled client."""
    change(**{column: 1})

    answer = request_authorization(http, page)

    assert (answer.status_code, answer.location) == (400, None)
    assert "consent" not in answer.text


def test_a_client_disabled_after_the_consent_gets_no_token(
    app: Flask, http: FlaskClient, page: RegisteredClient
) -> None:
    """A disabled client must not use a grant of the host either."""
    code = allow(http, page)["code"]
    run_command(app, "clients", "disable", page.client_id)

    answer = exchange(http, page, code)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_a_client_without_the_grant_is_unauthorized(
    change: Change, http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1.2.1, §5.2: `unauthorized_client` at both endpoints."""
    code = allow(http, page)["code"]
    change(grant_types=("implicit",))

    at_token = exchange(http, page, code)

    assert error_of(request_authorization(http, page)) == ["unauthorized_client"]
    assert at_token.get_json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("name", ["scope", "resource", "state", "nonce"])
@pytest.mark.parametrize("values", [["a", "a"], ["a\0"], ["x" * 5000]], ids=str)
def test_a_malformed_parameter_does_not_count_as_omitted(
    http: FlaskClient, page: RegisteredClient, name: str, values: list[str]
) -> None:
    """RFC 6749 §3.1: `scope=a&scope=a` was read as no scope, which means all scopes."""
    if name == "resource" and len(values) == 2:
        pytest.skip("RFC 8707 §2 lets it come several times")

    answer = request_authorization(http, page, **{name: values})

    assert error_of(answer) == ["invalid_request"]


@pytest.mark.parametrize(
    "uris",
    [
        ["https://page.example/cb", "https://page.example/cb"],
        ["https://page.example/cb\0"],
        ["https://page.example/" + "x" * 5000],
    ],
    ids=["repeated", "NUL", "over-long"],
)
def test_a_malformed_redirect_uri_is_not_replaced_by_the_registered_one(
    http: FlaskClient, page: RegisteredClient, uris: list[str]
) -> None:
    """People were sent to the one registered URI."""
    answer = request_authorization(http, page, redirect_uri=uris)

    assert (answer.status_code, answer.location) == (400, None)


@pytest.mark.parametrize("wanted", [THERE, "https://nowhere.example"])
def test_a_code_brings_no_token_for_a_resource_that_was_not_granted(
    http: FlaskClient, page: RegisteredClient, wanted: str
) -> None:
    """RFC 8707 §2.2: the holder of a code could name any resource in the exchange."""
    code = allow(http, page, resource=HERE)["code"]

    answer = exchange(http, page, code, resource=wanted)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")


def test_a_codes_token_is_for_the_granted_resource(
    http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 8707 §2.2: also if the exchange names none, and after a renewal."""
    code = allow(http, page, resource=THERE)["code"]
    tokens = exchange(http, page, code).get_json()
    renewal = {
        "grant_type": "refresh_token",
        "client_id": page.client_id,
        "refresh_token": tokens["refresh_token"],
    }
    renewed = http.post("/oauth/token", data=renewal).get_json()

    for answer in (tokens, renewed):
        headers = bearer(answer["access_token"])
        assert http.get("/whoami", headers=headers).status_code == 401
    here = http.post("/oauth/token", data={**renewal, "resource": HERE})
    assert here.status_code == 400


def test_a_code_brings_no_more_scopes_than_were_granted(
    change: Change, http: FlaskClient, page: RegisteredClient
) -> None:
    """RFC 6749 §4.1: the client got more scopes between consent and exchange."""
    code = allow(http, page)["code"]
    change(scopes=("orders:read", "orders:write"))
    for kept in CodeGrant.codes.values():
        kept.get_scope = lambda: None  # a grant that asks for everything

    assert exchange(http, page, code).get_json()["scope"] == "orders:read"


class NoProofGrant(BaseGrant, TokenEndpointMixin):
    """A grant that finds its client without authentication, as RFC 7523's may."""

    GRANT_TYPE = "urn:example:by-name"

    def validate_token_request(self) -> None:
        self.request.client = self.server.query_client(self.request.payload.client_id)

    def create_token_response(self) -> Any:
        token = self.generate_token(scope=self.request.payload.scope)
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


@pytest.mark.parametrize(
    ("columns", "more", "error"),
    [
        ({"disabled_at": 1}, {}, "invalid_client"),
        ({"grant_types": ("implicit",)}, {}, "unauthorized_client"),
        ({}, {"scope": "everything"}, "invalid_scope"),
        ({}, {"resource": THERE}, "invalid_target"),
    ],
    ids=["disabled", "another grant", "scope", "resource"],
)
def test_a_grant_without_checks_issues_no_wrong_token(
    app: Flask,
    change: Change,
    tapauth: TapAuth,
    http: FlaskClient,
    columns: dict[str, Any],
    more: dict[str, str],
    error: str,
) -> None:
    """A grant of the host must not skip the checks of our own grants."""
    tapauth.server.register_grant(NoProofGrant)
    with app.app_context():
        client = tapauth.clients.create(
            "Other", grant_types=[NoProofGrant.GRANT_TYPE], scopes="orders:read"
        )
    form = {"grant_type": NoProofGrant.GRANT_TYPE, "client_id": client.client_id}
    assert http.post("/oauth/token", data=form).status_code == 200
    if columns:
        change(**columns)

    answer = http.post("/oauth/token", data={**form, **more})

    assert answer.get_json()["error"] == error
