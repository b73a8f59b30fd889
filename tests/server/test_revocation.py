"""A client revokes a token (RFC 7009)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ..conftest import IssueToken, Register, Registered, bearer, grant
from .conftest import basic
from .refresh.conftest import BOTH, refresh, refusal, request_tokens


def credentials(client: Registered) -> dict[str, str | None]:
    return {"client_id": client.client_id, "client_secret": client.client_secret}


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_a_revoked_token_opens_nothing(
    http: FlaskClient, registered: Registered, token: str, hint: str | None
) -> None:
    """RFC 7009 §2.1: at once, also with a wrong `token_type_hint`."""
    parameters = {**credentials(registered), "token": token}
    if hint is not None:
        parameters["token_type_hint"] = hint

    answer = http.post("/oauth/revoke", data=parameters)

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


def test_basic_authentication_is_accepted(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.1: the client authenticates as at the token endpoint."""
    headers = basic(registered.client_id, registered.client_secret)

    answer = http.post("/oauth/revoke", data={"token": token}, headers=headers)

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


def test_a_public_client_revokes_its_own(
    http: FlaskClient, register: Register, issue_token: IssueToken
) -> None:
    """RFC 7009 §2.1, §5: the server checks that the token belongs to the client."""
    page = register(public=True)
    token = issue_token(page)

    answer = http.post(
        "/oauth/revoke", data={"client_id": page.client_id, "token": token}
    )

    assert answer.status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("token", ["junk", "tapat_", "taprt_", "x" * 4_000, "ü"])
def test_an_unknown_token_is_no_error(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.2: such a token opens nothing already."""
    answer = http.post(
        "/oauth/revoke", data={**credentials(registered), "token": token}
    )

    assert answer.status_code == 200


def test_revoking_twice_is_no_error(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.2: a revoked token counts as an unknown one."""
    for _ in range(2):
        parameters = {**credentials(registered), "token": token}
        assert http.post("/oauth/revoke", data=parameters).status_code == 200


def test_another_clients_token_is_kept(
    http: FlaskClient, register: Register, token: str
) -> None:
    """RFC 7009 §2.1: the request is refused."""
    answer = http.post(
        "/oauth/revoke", data={**credentials(register()), "token": token}
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_grant"
    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_a_client_that_fails_to_authenticate_revokes_nothing(
    http: FlaskClient, registered: Registered, token: str
) -> None:
    """RFC 7009 §2.1: 401 `invalid_client`."""
    parameters = {**credentials(registered), "client_secret": "wrong", "token": token}

    answer = http.post("/oauth/revoke", data=parameters)

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
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
    """RFC 6749 §5.2: a missing or repeated parameter is `invalid_request`."""
    if isinstance(request_["data"], dict):
        request_ = {**request_, "data": {**credentials(registered), **request_["data"]}}

    answer = http.post("/oauth/revoke", **request_)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.fixture
def renewing(register: Register) -> Registered:
    return register(grant_types=BOTH)


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
@pytest.mark.parametrize("which", [0, 1], ids=["used", "newest"])
def test_a_revoked_refresh_token_takes_its_access_tokens_with_it(
    http: FlaskClient, renewing: Registered, which: int, hint: str | None
) -> None:
    """RFC 7009 §2.1: all access tokens of the same grant are revoked, too."""
    first = request_tokens(http, grant(renewing))
    answers = [first, request_tokens(http, refresh(renewing, first["refresh_token"]))]
    form = {**credentials(renewing), "token": answers[which]["refresh_token"]}

    answer = http.post(
        "/oauth/revoke",
        data=form if hint is None else {**form, "token_type_hint": hint},
    )

    assert answer.status_code == 200
    for tokens in answers:
        opened = http.get("/orders", headers=bearer(tokens["access_token"]))
        assert opened.status_code == 401
        asked = refresh(renewing, tokens["refresh_token"])
        assert refusal(http, asked) == (400, "invalid_grant")


def test_a_revoked_access_token_leaves_its_refresh_token(
    http: FlaskClient, renewing: Registered
) -> None:
    """RFC 7009 §2.1: the client can get a new access token."""
    tokens = request_tokens(http, grant(renewing))
    form = {**credentials(renewing), "token": tokens["access_token"]}

    assert http.post("/oauth/revoke", data=form).status_code == 200

    opened = http.get("/orders", headers=bearer(tokens["access_token"]))
    assert opened.status_code == 401
    request_tokens(http, refresh(renewing, tokens["refresh_token"]))


def test_another_grant_of_the_client_is_kept(
    http: FlaskClient, renewing: Registered
) -> None:
    """RFC 7009 §2.1: only tokens of the same grant are revoked."""
    ended, other = (
        request_tokens(http, grant(renewing)),
        request_tokens(http, grant(renewing)),
    )
    form = {**credentials(renewing), "token": ended["refresh_token"]}

    assert http.post("/oauth/revoke", data=form).status_code == 200

    request_tokens(http, refresh(renewing, other["refresh_token"]))


def test_another_clients_refresh_token_is_kept(
    http: FlaskClient, renewing: Registered, register: Register
) -> None:
    """RFC 7009 §2.1: the request is refused."""
    token = request_tokens(http, grant(renewing))["refresh_token"]

    answer = http.post(
        "/oauth/revoke", data={**credentials(register()), "token": token}
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_grant"
    request_tokens(http, refresh(renewing, token))
