"""Who may introspect a token, and how (RFC 7662 §2.1, §4)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ...conftest import IssueToken, Register, Registered
from .conftest import INACTIVE, introspect


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_clients_token_is_reported_as_inactive(
    http: FlaskClient, register: Register, answer: dict[str, Any], kind: str
) -> None:
    """RFC 7662 §2.2, §4: the answer has `active` and nothing more."""
    assert introspect(http, register(), answer[kind]) == INACTIVE


def test_a_resource_server_may_introspect_tokens_of_other_clients(
    http: FlaskClient, client: Registered, register: Register, answer: dict[str, Any]
) -> None:
    """RFC 7662 §2.1: only a resource server may, whatever the scopes of a client."""
    resource_server = register(resource_server=True, scopes=[])

    said = introspect(http, resource_server, answer["access_token"])

    assert (said["active"], said["client_id"]) == (True, client.client_id)


def test_a_refresh_token_is_inactive_for_a_resource_server(
    http: FlaskClient, register: Register, answer: dict[str, Any]
) -> None:
    """RFC 6749 §1.5: API gateways accepted refresh tokens for 14 days."""
    resource_server = register(resource_server=True)

    assert introspect(http, resource_server, answer["refresh_token"]) == INACTIVE


def test_the_host_header_does_not_change_the_audience(
    http: FlaskClient, register: Register, answer: dict[str, Any]
) -> None:
    """RFC 7662 §4: an app without an issuer took its own name from `Host`."""
    elsewhere = register(resource_server=True, resource="https://other.example")
    form = {
        "client_id": elsewhere.client_id,
        "client_secret": elsewhere.client_secret,
        "token": answer["access_token"],
    }

    said = http.post(
        "/oauth/introspect", data=form, base_url="https://other.example"
    ).get_json()

    assert said == INACTIVE


@pytest.mark.parametrize(
    "token", ["junk", "tapat_", "taprt_", "x" * 4_000, "ü", "a.b.c"]
)
def test_an_unknown_token_is_inactive(
    http: FlaskClient, client: Registered, token: str
) -> None:
    """RFC 7662 §2.2: an unknown token is not an error."""
    assert introspect(http, client, token) == INACTIVE


def test_a_public_client_cannot_introspect(
    http: FlaskClient, register: Register, issue_token: IssueToken
) -> None:
    """RFC 7662 §2.1, §4: a client must authenticate, even for its own token."""
    page = register(public=True)
    form = {"client_id": page.client_id, "token": issue_token(page)}

    answer = http.post("/oauth/introspect", data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("proof", [{}, {"client_secret": "wrong"}], ids=str)
def test_a_client_that_fails_to_authenticate_cannot_introspect(
    http: FlaskClient, registered: Registered, token: str, proof: dict[str, str]
) -> None:
    """RFC 7662 §2.3: 401 `invalid_client`."""
    form = {"client_id": registered.client_id, "token": token, **proof}

    answer = http.post("/oauth/introspect", data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {}},
        {"data": {"token": ""}},
        {"data": {"token": "a\0b"}},
        {"data": {"token": ["a", "b"]}},
        {"data": {"token": "x" * 5_000}},
        {"data": b"{", "content_type": "application/json"},
        {"data": b'{"token": 7}', "content_type": "application/json"},
        {"data": b"token=%ff", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"x", "content_type": "text/plain"},
        {"data": {"token": "x"}, "query_string": "token=x"},
        {"data": {"token": "x"}, "base_url": "http://api.example.com"},
    ],
    ids=lambda request_: str(request_)[:40],
)
def test_a_malformed_request_is_refused(
    http: FlaskClient, registered: Registered, request_: dict[str, Any]
) -> None:
    """RFC 6749 §5.2: a missing or repeated parameter is `invalid_request`."""
    if isinstance(request_["data"], dict):
        secret = registered.client_secret
        proof = {"client_id": registered.client_id, "client_secret": secret}
        request_ = {**request_, "data": {**proof, **request_["data"]}}

    answer = http.post("/oauth/introspect", **request_)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_wrong_or_unknown_hint_changes_nothing(
    http: FlaskClient,
    client: Registered,
    answer: dict[str, Any],
    kind: str,
    hint: str,
) -> None:
    """RFC 7662 §2.1: the server must find the token in spite of a wrong hint."""
    said = introspect(http, client, answer[kind], token_type_hint=hint)

    assert said["active"] is True
