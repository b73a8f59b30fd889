"""The keys that an app publishes (RFC 7517)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk

from ...conftest import MakeApp
from .conftest import ALGORITHMS, ISSUER, PRIVATE, Key, make_key, public, signing


def published(app: Flask) -> list[Key]:
    answer = app.test_client().get("/oauth/jwks.json")
    assert answer.status_code == 200
    members: dict[str, list[Key]] = answer.get_json()
    assert members.keys() == {"keys"}
    return members["keys"]


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_the_public_part_is_published(make_app: MakeApp, algorithm: str) -> None:
    """RFC 7517 §4: with `kid`, `use` and `alg`."""
    key = make_key(algorithm)

    [shown] = published(make_app(**signing(key)))

    assert shown == {**public(key), "use": "sig"}
    assert shown["kid"] == "first"


def test_no_private_part_is_published(make_app: MakeApp) -> None:
    """RFC 7517 §9.2: for each kind of key."""
    keys = [make_key(algorithm, algorithm) for algorithm in ALGORITHMS]

    answer = make_app(**signing(*keys)).test_client().get("/oauth/jwks.json")

    for key in keys:
        for name in set(PRIVATE) & key.keys():
            assert key[name] not in answer.text
    for shown in answer.get_json()["keys"]:
        assert not set(PRIVATE) & shown.keys()


def test_all_keys_are_published_in_their_order(make_app: MakeApp) -> None:
    """Keys that do not sign yet, or no longer, must verify elsewhere, too."""
    keys = [make_key(kid="new"), public(make_key("RS256", "old")), make_key(kid="next")]

    shown = published(make_app(**signing(*keys)))

    assert [key["kid"] for key in shown] == ["new", "old", "next"]


def test_a_shared_secret_is_left_out(make_app: MakeApp) -> None:
    """RFC 7518 §3.2: anybody who has the key can sign."""
    keys = [make_key(kid="open"), make_key("HS256", "shared")]

    assert [key["kid"] for key in published(make_app(**signing(*keys)))] == ["open"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"TAPAUTH_JWT_KEYS": {"keys": [make_key()]}},
        signing(make_key("HS256")),
    ],
    ids=["opaque", "opaque with keys", "HMAC"],
)
def test_the_set_is_empty_for_opaque_or_hmac_signed_tokens(
    make_app: MakeApp, settings: dict[str, Any]
) -> None:
    """An HMAC key is a secret, and opaque tokens have no key."""
    assert published(make_app(**settings)) == []


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_key_without_a_kid_is_published_with_its_thumbprint(
    make_app: MakeApp, algorithm: str
) -> None:
    """RFC 7517 §4.5, RFC 7638: tokens have the thumbprint as their `kid`."""
    key = make_key(algorithm)
    thumbprint = jwk.import_key(public(key)).thumbprint()
    key.pop("kid")

    [shown] = published(make_app(**signing(key)))

    assert shown["kid"] == thumbprint


def test_unknown_members_of_a_key_are_not_published(
    make_app: MakeApp,
) -> None:
    """A member that was added by mistake may be a secret."""
    key = {**make_key(), "k": make_key("HS256")["k"]}

    [shown] = published(make_app(**signing(key)))

    assert "k" not in shown


def test_a_published_key_has_no_key_ops(make_app: MakeApp) -> None:
    """RFC 7517 §4.3: `use` and `key_ops` should not be together."""
    key = {**make_key(), "key_ops": ["sign", "verify"]}

    [shown] = published(make_app(**signing(key)))

    assert shown.get("key_ops", ["verify"]) == ["verify"]


def test_the_key_set_may_be_cached(http: FlaskClient) -> None:
    """RFC 9111 §5.2.2: as long as a new key is published before it signs."""
    answer = http.get("/oauth/jwks.json")

    assert answer.mimetype == "application/json"
    assert answer.cache_control.public
    assert answer.cache_control.max_age == 300
    assert not answer.cache_control.no_store


def test_the_key_set_takes_no_post(http: FlaskClient) -> None:
    """RFC 9110 §15.5.6."""
    assert http.post("/oauth/jwks.json").status_code == 405


def test_the_metadata_has_the_address_of_the_key_set(http: FlaskClient) -> None:
    """RFC 8414 §2: jwks_uri."""
    said = http.get("/.well-known/oauth-authorization-server").get_json()

    assert said["jwks_uri"] == f"{ISSUER}/oauth/jwks.json"


@pytest.mark.parametrize(
    "settings", [{}, signing(make_key("HS256"))], ids=["opaque", "HMAC"]
)
def test_the_metadata_has_no_address_of_an_empty_key_set(
    make_app: MakeApp, settings: dict[str, Any]
) -> None:
    """RFC 8414 §2: it is left out."""
    http = make_app(**settings).test_client()

    said = http.get("/.well-known/oauth-authorization-server").get_json()

    assert "jwks_uri" not in said
