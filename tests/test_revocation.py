"""A client takes a token back (RFC 7009)."""

from __future__ import annotations

import base64

import pytest
from flask.testing import FlaskClient

from .conftest import IssueToken, Register, Registered, bearer


def credentials(client: Registered) -> dict[str, str | None]:
    return {"client_id": client.client_id, "client_secret": client.client_secret}


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_a_revoked_token_opens_nothing(
    http: FlaskClient, registered: Registered, token: str, hint: str | None
) -> None:
    """RFC 7009 §2.1: at once, and a wrong hint hides nothing."""
    parameters = {**credentials(registered), "token": token}
    if hint is not None:
        parameters["token_type_hint"] = hint

    answer = http.post("/oauth/revoke", data=parameters)

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


def test_basic_authentication_serves(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.1: the client authenticates as at the token endpoint."""
    pair = f"{registered.client_id}:{registered.client_secret}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    answer = http.post("/oauth/revoke", data={"token": token}, headers=headers)

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


def test_a_public_client_revokes_its_own(
    http: FlaskClient, register: Register, issue_token: IssueToken
) -> None:
    """RFC 7009 §2.1, §5: a public client's token is checked to be its own."""
    page = register(public=True)
    token = issue_token(page)

    answer = http.post(
        "/oauth/revoke", data={"client_id": page.client_id, "token": token}
    )

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("token", ["junk", "tapat_", "x" * 4_000, "ü"])
def test_an_unknown_token_is_as_good_as_revoked(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.2: the purpose, that it opens nothing, is achieved."""
    answer = http.post(
        "/oauth/revoke", data={**credentials(registered), "token": token}
    )

    assert answer.status_code == 200


def test_revoking_twice_is_no_error(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.2."""
    for _ in range(2):
        parameters = {**credentials(registered), "token": token}
        assert http.post("/oauth/revoke", data=parameters).status_code == 200


def test_another_clients_token_is_kept(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7009 §2.1: refused, and the client is told."""
    answer = http.post(
        "/oauth/revoke", data={**credentials(register()), "token": token}
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_grant"
    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_a_client_that_fails_to_authenticate_revokes_nothing(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.1, and the contract: 401 invalid_client."""
    parameters = {**credentials(registered), "client_secret": "wrong", "token": token}

    answer = http.post("/oauth/revoke", data=parameters)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert http.get("/orders", headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {}},
        {"data": {"token": ""}},
        {"data": {"token": "a\0b"}},
        {"data": b"{", "content_type": "application/json"},
        {"data": b"x", "content_type": "text/plain"},
        {"data": {"token": "x"}, "query_string": "token=x"},
        {"data": {"token": "x"}, "base_url": "http://api.example.com"},
    ],
    ids=str,
)
def test_a_malformed_request_is_refused(
    http: FlaskClient, registered: Registered, request_: dict[str, object]
) -> None:
    """The contract: 400 invalid_request, as at the token endpoint."""
    if isinstance(request_["data"], dict):
        request_ = {**request_, "data": {**credentials(registered), **request_["data"]}}

    answer = http.post("/oauth/revoke", **request_)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
