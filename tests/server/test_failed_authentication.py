"""Clients that fail to authenticate (RFC 6749 §2.3, §5.2)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ..conftest import Register, Registered, Run, grant
from .conftest import assert_failed_authentication, assert_refused, basic


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "nobody"}, id="unknown client"),
        pytest.param({"client_secret": "wrong"}, id="wrong secret"),
        pytest.param({"client_secret": "sécret-ü-鍵"}, id="non-ASCII secret"),
        pytest.param({"client_id": "ünknown"}, id="non-ASCII client"),
        pytest.param({"client_secret": None}, id="no secret"),
        pytest.param({"client_secret": ""}, id="empty secret"),
        pytest.param({"client_id": None}, id="no client id"),
        pytest.param({"client_id": ""}, id="empty client id"),
        pytest.param({"client_id": None, "client_secret": None}, id="nothing"),
        pytest.param({"client_id": "' OR 1=1 --"}, id="an injection"),
    ],
)
def test_failed_authentication_has_one_answer(
    http: FlaskClient, registered: Registered, changes: dict[str, str | None]
) -> None:
    """RFC 6749 §5.2: the answer must not show which clients exist."""
    parameters = {**grant(registered), **changes}
    sent = {name: value for name, value in parameters.items() if value is not None}

    assert_failed_authentication(http.post("/oauth/token", data=sent))


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_failed_basic_authentication_has_the_same_answer(
    http: FlaskClient, registered: Registered, known: bool
) -> None:
    """RFC 6749 §5.2: the challenge names the scheme that was tried."""
    client_id = registered.client_id if known else "nobody"

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(client_id, "wrong"),
    )

    assert_failed_authentication(answer)


def test_another_scheme_is_no_client_authentication(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2: an unsupported method is invalid_client."""
    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": registered.client_id},
        headers={"Authorization": "Bearer something"},
    )

    assert_failed_authentication(answer)


def test_a_disabled_client_is_refused_until_it_is_enabled(
    run: Run, http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2: a caller must not learn that the client is disabled."""
    run("clients", "disable", registered.client_id)
    assert_failed_authentication(http.post("/oauth/token", data=grant(registered)))

    run("clients", "enable", registered.client_id)
    assert http.post("/oauth/token", data=grant(registered)).status_code == 200


def test_an_expired_secret_is_refused(
    http: FlaskClient, register: Register, expire: Callable[[str], None]
) -> None:
    """RFC 7591 §3.2.1, client_secret_expires_at."""
    client = register()
    expire(client.client_id)

    assert_failed_authentication(http.post("/oauth/token", data=grant(client)))


def test_a_public_client_past_its_date_is_refused(
    http: FlaskClient, register: Register, expire: Callable[[str], None]
) -> None:
    """RFC 7591 §3.2.1: it has no secret, but a host can set `secret_expires_at`."""
    client = register(public=True)
    expire(client.client_id)
    form = {"client_id": client.client_id, "token": "any"}

    assert_failed_authentication(http.post("/oauth/revoke", data=form))


def test_a_public_client_with_a_secret_fails(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §2.3: there is no secret that could be right."""
    client = register(public=True)

    answer = http.post("/oauth/token", data=grant(client, client_secret="any"))

    assert_failed_authentication(answer)


def test_two_authentication_methods_are_refused(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §2.3: no more than one method in a request."""
    headers = basic(registered.client_id, registered.client_secret)

    answer = http.post("/oauth/token", data=grant(registered), headers=headers)

    assert_refused(answer, 400, "invalid_request")


def test_the_bodys_client_must_be_the_authenticated_one(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §3.2.1: two different client ids are `invalid_request`."""
    one, other = register(), register()
    headers = basic(one.client_id, one.client_secret)

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": other.client_id},
        headers=headers,
    )

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param("Basic ???", id="no Base64"),
        pytest.param("Basic YT*pi", id="a stray character"),
        pytest.param("Basic", id="nothing"),
        pytest.param(
            "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), id="no UTF-8"
        ),
        pytest.param("Basic " + base64.b64encode(b"nocolon").decode(), id="no colon"),
        pytest.param("Basic " + base64.b64encode(b"a\0b:c").decode(), id="NUL"),
        pytest.param("Basic " + base64.b64encode(b"a%00b:c").decode(), id="coded NUL"),
        pytest.param("Basic " + "YTpi" * 50_000, id="long"),
        pytest.param("Basic \xe9", id="Latin-1"),
    ],
)
def test_broken_basic_credentials_are_a_malformed_request(
    http: FlaskClient, credentials: str
) -> None:
    """Wrongly encoded credentials must be a 4xx, never a 500."""
    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": credentials},
    )

    assert_refused(answer, 400, "invalid_request")


def test_a_secret_that_cannot_be_decoded_is_used_as_it_was_sent(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §2.3.1: %FF is not UTF-8, so the secret was not form-encoded."""
    client = register(client_secret="100%FFx and longer")

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(client.client_id, "100%FFx and longer"),
    )

    assert answer.status_code == 200


def test_a_wrong_posted_secret_opens_no_sign_in_box(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2: a browser asked for a password over Swagger UI, and kept it."""
    posted = http.post("/oauth/token", data=grant(registered, client_secret="wrong"))
    in_header = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(registered.client_id, "wrong"),
    )

    assert posted.headers["WWW-Authenticate"].startswith("Bearer ")
    assert in_header.headers["WWW-Authenticate"].startswith("Basic ")
