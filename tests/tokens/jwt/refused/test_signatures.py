"""Tokens with a wrong signature, or with none: each is a 401."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwk

from flask_tapauth import TapAuth

from ....conftest import MakeApp, bearer
from ..conftest import (
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
from .conftest import KEY, SIGN


def test_a_token_signed_again_with_our_key_is_accepted(
    http: FlaskClient, token: str
) -> None:
    """Otherwise the other tests would pass for the wrong reason."""
    again = resign(token, SIGN)

    assert http.get("/whoami", headers=bearer(again)).status_code == 200


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_an_unsigned_token_is_refused(
    assert_refused: AssertRefused, token: str, alg: str, signature: str
) -> None:
    """RFC 9068 §2.1, RFC 8725 §3.2: `none` is not allowed."""
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
def test_an_hmac_with_the_public_key_is_refused(
    make_app: MakeApp, tapauth: TapAuth, algorithm: str, form: str
) -> None:
    """RFC 8725 §2.1: everybody has the public key."""
    key = make_key(algorithm)
    secret = public_forms(key)[form]
    # With an HMAC key in the set, the app knows HS256.
    app = make_app(**signing(key, make_key("HS256", "shared")))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    forged = resign(
        token,
        lambda signed: hmac.digest(secret, signed, hashlib.sha256),
        {"alg": "HS256"},
    )

    answer = app.test_client().get("/whoami", headers=bearer(forged))
    assert answer.status_code == 401


@pytest.mark.parametrize("kid", ["first", "another", None], ids=str)
def test_a_signature_of_a_foreign_key_is_refused(
    assert_refused: AssertRefused, token: str, kid: str | None
) -> None:
    """RFC 9068 §4: whatever its `kid` is."""
    assert_refused(resign(token, signer(make_key(kid="foreign")), {"kid": kid}))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5c", "x5u"])
def test_a_key_in_the_header_is_not_used(
    assert_refused: AssertRefused, token: str, member: str
) -> None:
    """RFC 8725 §3.10, RFC 7515 §10.12: a caller can put any key there."""
    foreign = make_key(kid="foreign")
    brought = {
        "jwk": public(foreign),
        "jku": f"{ELSEWHERE}/keys",
        "x5c": ["MIIB"],
        "x5u": f"{ELSEWHERE}/certificate",
    }

    assert_refused(resign(token, signer(foreign), {member: brought[member]}))


@pytest.mark.parametrize("kid", ["", "another", "FIRST", "../first", 5, [], {}, False])
def test_an_unknown_kid_is_refused(
    assert_refused: AssertRefused, token: str, kid: Any
) -> None:
    """RFC 7515 §4.1.4: a `kid` is case sensitive."""
    assert_refused(resign(token, SIGN, {"kid": kid}))


def test_a_token_without_a_kid_is_verified_by_the_only_key(
    http: FlaskClient, token: str
) -> None:
    """RFC 7515 §4.1.4: the member is optional."""
    nameless = resign(token, SIGN, {"kid": None})

    assert http.get("/whoami", headers=bearer(nameless)).status_code == 200


@pytest.mark.parametrize("kid", [None, "second"], ids=str)
def test_a_kid_of_another_key_in_the_set_is_refused(
    make_app: MakeApp, tapauth: TapAuth, kid: str | None
) -> None:
    """RFC 7515 §4.1.4: only the key that the `kid` names is tried."""
    app = make_app(**signing(KEY, make_key(kid="second")))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    changed = resign(token, SIGN, {"kid": kid})

    answer = app.test_client().get("/whoami", headers=bearer(changed))
    assert answer.status_code == 401


@pytest.mark.parametrize("part", [0, 1], ids=["header", "payload"])
@pytest.mark.parametrize("member", ["kid", "sub", "scope"])
def test_a_changed_header_or_payload_is_refused(
    assert_refused: AssertRefused, token: str, part: int, member: str
) -> None:
    """RFC 7515 §5.2: the signature covers both."""
    parts = token.split(".")
    members = [header_of(token), claims_of(token)][part]
    parts[part] = encode(json.dumps({**members, member: "first"}))

    assert_refused(".".join(parts))


def test_the_signature_of_another_token_is_refused(
    assert_refused: AssertRefused, tapauth: TapAuth, token: str
) -> None:
    """RFC 7515 §5.2: a signature is valid for its own token only."""
    client_id = claims_of(token)["client_id"]
    other = tapauth.tokens.issue(client_id)["access_token"]

    assert_refused(f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}")
