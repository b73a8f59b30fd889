"""What is in a signed access token (RFC 9068)."""

from __future__ import annotations

import base64
import time

import pytest
from flask.testing import FlaskClient
from joserfc import jwk
from joserfc.jws import JWSRegistry

from flask_tapauth import RegisteredClient, TapAuth

from ...conftest import IssueToken, MakeApp, Register, bearer, grant
from .conftest import (
    ALGORITHMS,
    ISSUER,
    Key,
    claims_of,
    header_of,
    make_key,
    public,
    signing,
)


def is_signed_by(token: str, key: Key) -> bool:
    """Return whether joserfc, without the app, verifies a signature."""
    signed, _, signature = token.rpartition(".")
    model = JWSRegistry.algorithms[key["alg"]]
    decoded = base64.urlsafe_b64decode(f"{signature}===")
    return model.verify(signed.encode(), decoded, jwk.import_key(key))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_header_has_algorithm_type_and_kid(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str
) -> None:
    """RFC 9068 §2.1: `typ` is at+jwt; the `kid` selects the key in a set."""
    with make_app(**signing(make_key(algorithm))).app_context():
        client = tapauth.clients.create("Reports")

        token = tapauth.tokens.issue(client)["access_token"]

    assert header_of(token) == {"alg": algorithm, "typ": "at+jwt", "kid": "first"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_library_can_verify_the_signature(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str
) -> None:
    """RFC 9068 §4: with the public key, unless the key is an HMAC secret."""
    key = make_key(algorithm)
    with make_app(**signing(key)).app_context():
        client = tapauth.clients.create("Reports")

        token = tapauth.tokens.issue(client)["access_token"]

    assert is_signed_by(token, key if algorithm == "HS256" else public(key))
    assert not is_signed_by(token, make_key(algorithm, "another"))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_of_each_algorithm_opens_a_view(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str
) -> None:
    """docs/how-to/clients/jwt.md: each TAPAUTH_JWT_ALGORITHM."""
    app = make_app(**signing(make_key(algorithm)))
    with app.app_context():
        client = tapauth.clients.create("Reports", scopes=["orders:read"])
        token = tapauth.tokens.issue(client)["access_token"]

    answer = app.test_client().get("/whoami", headers=bearer(token))

    assert answer.get_json() == {
        "client_id": client.client_id,
        "user_id": None,
        "scopes": ["orders:read"],
    }


def test_a_token_of_a_client_has_the_client_as_its_subject(
    http: FlaskClient, registered: RegisteredClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9068 §2.2: all claims of a token without a user."""
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: now + 0.9)

    answer = http.post("/oauth/token", data=grant(registered, scope="orders:read"))

    claims = claims_of(answer.get_json()["access_token"])
    assert len(claims.pop("jti")) == 43  # 256 bits
    assert claims == {
        "iss": ISSUER,
        "sub": registered.client_id,
        "sub_type": "client",
        "aud": ISSUER,
        "client_id": registered.client_id,
        "scope": "orders:read",
        "iat": now,
        "exp": now + 3600,
    }


def test_a_token_of_a_user_has_the_user_as_its_subject(
    registered: RegisteredClient, issue_token: IssueToken
) -> None:
    """RFC 9068 §2.2: `client_id` names the client."""
    claims = claims_of(issue_token(user_id="ann"))

    assert (claims["sub"], claims["sub_type"]) == ("ann", "user")
    assert claims["client_id"] == registered.client_id


@pytest.mark.parametrize("check", [True, False])
def test_a_user_with_the_id_of_a_client_is_not_taken_for_it(
    make_app: MakeApp, tapauth: TapAuth, check: bool
) -> None:
    """RFC 9068 §5: a user id must not be taken from a client id."""
    app = make_app(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=check))
    with app.app_context():
        tapauth.clients.create("Reports", client_id="same")
        of_machine = tapauth.tokens.issue("same")["access_token"]
        of_person = tapauth.tokens.issue("same", user_id="same")["access_token"]

    said = [
        app.test_client().get("/whoami", headers=bearer(token)).get_json()["user_id"]
        for token in (of_machine, of_person)
    ]

    assert said == [None, "same"]
    assert claims_of(of_machine)["sub"] == claims_of(of_person)["sub"]


def test_no_two_tokens_have_the_same_jti(issue_token: IssueToken) -> None:
    """RFC 9068 §2.2, RFC 7519 §4.1.7: a `jti` names one token."""
    ids = {claims_of(issue_token())["jti"] for _ in range(20)}

    assert len(ids) == 20


def test_a_clients_own_lifetime_is_in_the_token(
    register: Register, issue_token: IssueToken
) -> None:
    """A client may be registered with a lifetime of its own."""
    claims = claims_of(issue_token(register(expires_in=60)))

    assert claims["exp"] - claims["iat"] == 60


def test_a_token_without_scopes_opens_a_view_that_needs_none(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 9068 §2.2.3: the claim is an empty string."""
    token = issue_token(scopes=[])

    assert claims_of(token)["scope"] == ""
    assert http.get("/whoami", headers=bearer(token)).get_json()["scopes"] == []
    assert http.get("/orders", headers=bearer(token)).status_code == 403


def test_a_user_id_may_be_in_any_script(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 7519 §4.1.2: a subject is Unicode text."""
    token = issue_token(user_id="Ánn 安\u2028🔑")

    said = http.get("/whoami", headers=bearer(token)).get_json()

    assert said["user_id"] == "Ánn 安\u2028🔑"
