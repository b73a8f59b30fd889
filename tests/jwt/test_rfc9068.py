"""What is in a signed access token (RFC 9068)."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from joserfc import jwk
from joserfc.jws import JWSRegistry

from flask_tapauth import RegisteredClient, TapAuth

from ..conftest import IssueToken, MakeApp, Register, bearer, grant
from .conftest import (
    ALGORITHMS,
    ISSUER,
    Key,
    claims_of,
    header_of,
    make_key,
    public,
    resign,
    signer,
    signing,
)


def is_signed_by(token: str, key: Key) -> bool:
    """Ask joserfc, which knows nothing of the app."""
    signed, _, signature = token.rpartition(".")
    model = JWSRegistry.algorithms[key["alg"]]
    decoded = base64.urlsafe_b64decode(f"{signature}===")
    return model.verify(signed.encode(), decoded, jwk.import_key(key))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_header_says_how_and_by_what_key_it_is_signed(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str
) -> None:
    """RFC 9068 §2.1: typ is at+jwt; and the key is named, to be found in a set."""
    with make_app(**signing(make_key(algorithm))).app_context():
        client = tapauth.register_client("Reports")

        token = tapauth.issue_token(client)["access_token"]

    assert header_of(token) == {"alg": algorithm, "typ": "at+jwt", "kid": "first"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_signature_is_of_the_key(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str
) -> None:
    """RFC 9068 §4: any library can verify it, by the public part where there is one."""
    key = make_key(algorithm)
    with make_app(**signing(key)).app_context():
        client = tapauth.register_client("Reports")

        token = tapauth.issue_token(client)["access_token"]

    assert is_signed_by(token, key if algorithm == "HS256" else public(key))
    assert not is_signed_by(token, make_key(algorithm, "another"))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_opens_a_view(make_app: MakeApp, tapauth: TapAuth, algorithm: str) -> None:
    """The contract: a view takes tokens of each TAPAUTH_JWT_ALGORITHM."""
    app = make_app(**signing(make_key(algorithm)))
    with app.app_context():
        client = tapauth.register_client("Reports", scopes=["orders:read"])
        token = tapauth.issue_token(client)["access_token"]

    answer = app.test_client().get("/whoami", headers=bearer(token))

    assert answer.get_json() == {
        "client_id": client.client_id,
        "user_id": None,
        "scopes": ["orders:read"],
    }


def test_a_key_without_a_name_is_named_by_its_thumbprint(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """The contract: each token names its key; RFC 7638 has a name for any key."""
    key = make_key()
    thumbprint = jwk.import_key(public(key)).thumbprint()
    settings = signing({name: key[name] for name in key if name != "kid"})
    with make_app(**settings).app_context():
        client = tapauth.register_client("Reports")

        token = tapauth.issue_token(client)["access_token"]

    assert header_of(token)["kid"] == thumbprint


def test_the_claims_of_a_machines_token(
    http: FlaskClient, registered: RegisteredClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9068 §2.2: these claims; the subject is the client where it asks itself."""
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


def test_the_claims_of_a_persons_token(
    registered: RegisteredClient, issue_token: IssueToken
) -> None:
    """RFC 9068 §2.2: the subject is the resource owner; the client is named beside."""
    claims = claims_of(issue_token(user_id="ann"))

    assert (claims["sub"], claims["sub_type"]) == ("ann", "user")
    assert claims["client_id"] == registered.client_id


@pytest.mark.parametrize("check", [True, False])
def test_a_person_with_the_id_of_a_client_is_a_person(
    make_app: MakeApp, tapauth: TapAuth, check: bool
) -> None:
    """RFC 9068 §5, the contract: a user is never inferred from a client id."""
    app = make_app(**signing(make_key(), TAPAUTH_JWT_CHECK_REVOCATION=check))
    with app.app_context():
        tapauth.register_client("Reports", client_id="same")
        of_machine = tapauth.issue_token("same")["access_token"]
        of_person = tapauth.issue_token("same", user_id="same")["access_token"]

    said = [
        app.test_client().get("/whoami", headers=bearer(token)).get_json()["user_id"]
        for token in (of_machine, of_person)
    ]

    assert said == [None, "same"]
    assert claims_of(of_machine)["sub"] == claims_of(of_person)["sub"]


def test_no_two_tokens_have_the_same_jti(issue_token: IssueToken) -> None:
    """RFC 9068 §2.2, RFC 7519 §4.1.7: it names one token, and is not to be guessed."""
    ids = {claims_of(issue_token())["jti"] for _ in range(20)}

    assert len(ids) == 20


def test_a_clients_own_lifetime_is_in_the_token(
    register: Register, issue_token: IssueToken
) -> None:
    """The contract: a client may carry its own TAPAUTH_ACCESS_TOKEN_EXPIRES_IN."""
    claims = claims_of(issue_token(register(expires_in=60)))

    assert claims["exp"] - claims["iat"] == 60


def test_a_token_of_no_scope_says_so_and_opens_a_view_that_asks_for_none(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 9068 §2.2.3: the claim tells what was granted, were it nothing."""
    token = issue_token(scopes=[])

    assert claims_of(token)["scope"] == ""
    assert http.get("/whoami", headers=bearer(token)).get_json()["scopes"] == []
    assert http.get("/orders", headers=bearer(token)).status_code == 403


def test_a_user_id_of_any_script_arrives(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 7519 §4.1.2: a subject is Unicode text."""
    token = issue_token(user_id="Ánn 安\u2028🔑")

    said = http.get("/whoami", headers=bearer(token)).get_json()

    assert said["user_id"] == "Ánn 安\u2028🔑"


def test_the_first_key_signs_and_all_verify(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """The contract, TAPAUTH_JWT_KEYS: also where the keys are of different kinds."""
    keys = [make_key(algorithm, kid=algorithm) for algorithm in ALGORITHMS]
    app = make_app(**signing(*keys))
    with app.app_context():
        client = tapauth.register_client("Reports")
        first = tapauth.issue_token(client)["access_token"]

    assert header_of(first)["kid"] == "ES256"
    for key in keys:
        header = {"kid": key["kid"], "alg": key["alg"]}
        token = resign(first, signer(key), header)
        answer = app.test_client().get("/whoami", headers=bearer(token))
        assert answer.status_code == 200, key["alg"]


def test_the_keys_are_read_once(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path
) -> None:
    """The contract: settings are read in init_app, so a file may go or change."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [make_key()]}))
    app = make_app(**signing(make_key(), TAPAUTH_JWT_KEYS=str(file)))
    file.unlink()

    with app.app_context():
        client = tapauth.register_client("Reports")
        token = tapauth.issue_token(client)["access_token"]

    answer = app.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
