"""Tokens that the wrong key signed, or the wrong way, or none: each is a 401."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk

from flask_tapauth import TapAuth

from ..conftest import MakeApp, bearer
from .conftest import (
    ELSEWHERE,
    AssertRefused,
    Key,
    claims_of,
    compact,
    encode,
    header_of,
    make_key,
    public,
    resign,
    signer,
    signing,
)

KEY = make_key()
SIGN = signer(KEY)


@pytest.fixture(params=[True, False], ids=["looked up", "trusted"])
def app(make_app: MakeApp, request: pytest.FixtureRequest) -> Flask:
    """What is refused is refused with or without TAPAUTH_JWT_CHECK_REVOCATION."""
    return make_app(**signing(KEY, TAPAUTH_JWT_CHECK_REVOCATION=request.param))


def test_a_token_signed_anew_by_our_key_is_good(http: FlaskClient, token: str) -> None:
    """RFC 9068 §4: what the others lack is what they are refused for, no less."""
    again = resign(token, SIGN)

    assert http.get("/whoami", headers=bearer(again)).status_code == 200


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_an_unsigned_token(
    assert_refused: AssertRefused, token: str, alg: str, signature: str
) -> None:
    """RFC 9068 §2.1, RFC 8725 §3.2: none is no algorithm."""
    forged = compact({**header_of(token), "alg": alg}, claims_of(token), lambda _: b"")

    assert_refused(forged + signature)


def public_forms(key: Key) -> dict[str, bytes]:
    material: Any = jwk.import_key(public(key))
    return {
        "PEM": material.as_pem(private=False),
        "PEM, stripped": material.as_pem(private=False).strip(),
        "DER": material.as_der(private=False),
        "JWK": json.dumps(public(key)).encode(),
    }


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
@pytest.mark.parametrize("form", ["PEM", "PEM, stripped", "DER", "JWK"])
def test_a_public_key_as_hmac_secret(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str, form: str
) -> None:
    """RFC 8725 §2.1: the classic. Everybody has the public key."""
    key = make_key(algorithm)
    secret = public_forms(key)[form]
    # An HMAC key beside it, so that HS256 is no stranger to the app.
    app = make_app(**signing(key, make_key("HS256", "shared")))
    with app.app_context():
        client = tapauth.register_client("Reports")
        token = tapauth.issue_token(client)["access_token"]

    forged = resign(
        token,
        lambda signed: hmac.digest(secret, signed, hashlib.sha256),
        {"alg": "HS256"},
    )

    answer = app.test_client().get("/whoami", headers=bearer(forged))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (make_key("RS256"), "PS256"),
        (make_key("RS256"), "RS384"),
        (make_key("RS256"), "RS512"),
        (make_key("HS256"), "HS384"),
        (make_key("HS256"), "HS512"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_algorithm_of_the_same_key(
    make_app: MakeApp, tapauth: TapAuth, key: Key, algorithm: str
) -> None:
    """RFC 8725 §3.1: each key is used with one algorithm."""
    app = make_app(**signing(key))
    with app.app_context():
        client = tapauth.register_client("Reports")
        token = tapauth.issue_token(client)["access_token"]

    forged = resign(token, signer(key, algorithm), {"alg": algorithm})

    answer = app.test_client().get("/whoami", headers=bearer(forged))
    assert answer.status_code == 401


@pytest.mark.parametrize("kid", ["first", "another", None], ids=str)
def test_a_foreign_key(
    assert_refused: AssertRefused, token: str, kid: str | None
) -> None:
    """RFC 9068 §4: whatever name it goes by."""
    assert_refused(resign(token, signer(make_key(kid="foreign")), {"kid": kid}))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5c", "x5u"])
def test_a_key_that_the_token_brings_itself(
    assert_refused: AssertRefused, token: str, member: str
) -> None:
    """RFC 8725 §3.10, RFC 7515 §10.12: what a header offers is not to be trusted."""
    foreign = make_key(kid="foreign")
    brought = {
        "jwk": public(foreign),
        "jku": f"{ELSEWHERE}/keys",
        "x5c": ["MIIB"],
        "x5u": f"{ELSEWHERE}/certificate",
    }

    assert_refused(resign(token, signer(foreign), {member: brought[member]}))


@pytest.mark.parametrize("kid", ["", "another", "FIRST", "../first", 5, [], {}, False])
def test_an_unknown_kid(assert_refused: AssertRefused, token: str, kid: Any) -> None:
    """RFC 7515 §4.1.4: a key is known by its name, to the letter."""
    assert_refused(resign(token, SIGN, {"kid": kid}))


def test_no_kid_where_there_is_one_key(http: FlaskClient, token: str) -> None:
    """RFC 7515 §4.1.4: the member is optional, and here no doubt is left."""
    nameless = resign(token, SIGN, {"kid": None})

    assert http.get("/whoami", headers=bearer(nameless)).status_code == 200


@pytest.mark.parametrize("kid", [None, "second"], ids=str)
def test_a_kid_that_does_not_lead_to_the_key_among_several(
    make_app: MakeApp, tapauth: TapAuth, kid: str | None
) -> None:
    """The contract: the kid says which key verifies, and no other is tried."""
    app = make_app(**signing(KEY, make_key(kid="second")))
    with app.app_context():
        client = tapauth.register_client("Reports")
        token = tapauth.issue_token(client)["access_token"]

    changed = resign(token, SIGN, {"kid": kid})

    answer = app.test_client().get("/whoami", headers=bearer(changed))
    assert answer.status_code == 401


@pytest.mark.parametrize("part", [0, 1], ids=["header", "payload"])
@pytest.mark.parametrize("member", ["kid", "sub", "scope"])
def test_a_changed_part_under_the_old_signature(
    assert_refused: AssertRefused, token: str, part: int, member: str
) -> None:
    """RFC 7515 §5.2: the signature is over header and payload as they stand."""
    parts = token.split(".")
    members = [header_of(token), claims_of(token)][part]
    parts[part] = encode(json.dumps({**members, member: "first"}))

    assert_refused(".".join(parts))


def test_the_signature_of_another_token(
    assert_refused: AssertRefused, tapauth: TapAuth, token: str
) -> None:
    """RFC 7515 §5.2: a signature is good for what it signs."""
    client_id = claims_of(token)["client_id"]
    other = tapauth.issue_token(client_id)["access_token"]

    assert_refused(f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}")
