"""What the server's metadata says (RFC 8414), and that it is true."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ResourceOwnerPasswordCredentialsGrant,
)
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient
from joserfc import jwk

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from .conftest import WELL_KNOWN, urls_in

ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"]
PROVEN = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
KEYS: dict[str, Any] = {
    "ES256": jwk.ECKey.generate_key("P-256"),
    "EdDSA": jwk.OKPKey.generate_key("Ed25519"),
    "RS256": jwk.RSAKey.generate_key(2048),
    "HS256": jwk.OctKey.generate_key(256),
}


def signed_by(*algorithms: str) -> dict[str, Any]:
    """Return the settings for JWTs that are signed with the first of these keys."""
    keys = [KEYS[algorithm].as_dict(private=True) for algorithm in algorithms]
    return {
        "TAPAUTH_ISSUER": "https://as.example",
        "TAPAUTH_TOKEN_FORMAT": "jwt",
        "TAPAUTH_JWT_ALGORITHM": algorithms[0],
        "TAPAUTH_JWT_KEYS": {"keys": keys},
    }


def test_without_an_issuer_private_key_jwt_is_not_announced(http: FlaskClient) -> None:
    """RFC 7523 §3: an assertion names the issuer, which `Host` must not decide."""
    described = http.get(WELL_KNOWN).get_json()

    assert "private_key_jwt" not in str(described)
    assert not [name for name in described if "signing_alg" in name]


def test_it_has_all_members_of_the_default_app(make_app: MakeApp) -> None:
    """RFC 8414 §2, and RFC 9207 §3 for `iss` in authorization responses."""
    http = make_app(TAPAUTH_ISSUER="https://api.example.com").test_client()
    described = http.get(WELL_KNOWN, base_url="https://api.example.com").get_json()

    assert described == {
        "issuer": "https://api.example.com",
        "authorization_endpoint": "https://api.example.com/oauth/authorize",
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "implicit",
            "refresh_token",
        ],
        "introspection_endpoint": "https://api.example.com/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": PROVEN,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "response_modes_supported": ["fragment", "query"],
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": "https://api.example.com/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": sorted([*PROVEN, "none"]),
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "token_endpoint": "https://api.example.com/oauth/token",
        "token_endpoint_auth_methods_supported": sorted([*PROVEN, "none"]),
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
    }
    AuthorizationServerMetadata(described).validate()


def test_it_is_json(http: FlaskClient) -> None:
    """RFC 8414 §3.2: status 200, and the content type `application/json`."""
    answer = http.get(WELL_KNOWN)

    assert (answer.status_code, answer.content_type) == (200, "application/json")


@pytest.mark.parametrize(
    "settings",
    [{}, {"TAPAUTH_URL_PREFIX": "/auth/v2"}, signed_by("ES256")],
    ids=["defaults", "prefix", "jwt"],
)
def test_every_url_in_it_answers(make_app: MakeApp, settings: dict[str, Any]) -> None:
    """RFC 8414 §2: a client uses these URLs without a look at the docs."""
    http = make_app(**settings).test_client()

    urls = urls_in(http.get(WELL_KNOWN).get_json())

    gets = {"authorization_endpoint", "jwks_uri"}
    methods = {name: "GET" if name in gets else "POST" for name in urls}
    answers = [http.open(urls[name], method=methods[name]) for name in urls]
    assert len(urls) == 4 + ("TAPAUTH_JWT_KEYS" in settings)
    assert not {404, 405} & {answer.status_code for answer in answers}


def test_the_prefix_is_in_the_url_of_every_endpoint(make_app: MakeApp) -> None:
    """RFC 8414 §3: TAPAUTH_URL_PREFIX moves the endpoints, and not the metadata."""
    http = make_app(TAPAUTH_URL_PREFIX="/auth/v2").test_client()

    urls = urls_in(http.get(WELL_KNOWN).get_json())

    assert all(path.startswith("/auth/v2/") for path in urls.values())


@pytest.mark.parametrize(
    "offered",
    [["client_credentials"], ["refresh_token"], ["client_credentials", "implicit"]],
)
def test_grants_that_are_left_out_are_neither_described_nor_served(
    make_app: MakeApp, offered: list[str]
) -> None:
    """RFC 8414 §2, `grant_types_supported`, with TAPAUTH_GRANT_TYPES."""
    http = make_app(TAPAUTH_GRANT_TYPES=offered).test_client()

    described = http.get(WELL_KNOWN).get_json()

    assert described["grant_types_supported"] == offered
    for grant_type in ("client_credentials", "refresh_token"):
        answer = http.post("/oauth/token", data={"grant_type": grant_type}).get_json()
        is_refused = answer["error"] == "unsupported_grant_type"
        assert is_refused == (grant_type not in offered)


def test_without_a_grant_that_needs_it_there_is_no_authorization_endpoint(
    make_app: MakeApp,
) -> None:
    """RFC 8414 §2: `response_types_supported` is required, so it is empty."""
    http = make_app(TAPAUTH_GRANT_TYPES=["client_credentials"]).test_client()

    described = http.get(WELL_KNOWN).get_json()

    assert described["response_types_supported"] == []
    assert "authorization_endpoint" not in described
    assert "response_modes_supported" not in described
    assert "code_challenge_methods_supported" not in described
    assert described["token_endpoint_auth_methods_supported"] == PROVEN[:2]


@pytest.mark.parametrize(
    ("offered", "types", "modes"),
    [
        (["authorization_code"], ["code"], ["query"]),
        (["implicit"], ["token"], ["fragment"]),
    ],
)
def test_the_answers_of_each_grant_are_described(
    make_app: MakeApp, offered: list[str], types: list[str], modes: list[str]
) -> None:
    """RFC 8414 §2: response types and modes; public clients authenticate by `none`."""
    http = make_app(TAPAUTH_GRANT_TYPES=offered).test_client()

    described = http.get(WELL_KNOWN).get_json()

    assert described["response_types_supported"] == types
    assert described["response_modes_supported"] == modes
    assert ("code_challenge_methods_supported" in described) == (types == ["code"])
    assert "none" in described["token_endpoint_auth_methods_supported"]


def test_a_grant_of_the_hosts_is_described_and_served(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 8414 §2: the metadata lists a grant that the host registered."""
    tapauth.server.register_grant(ResourceOwnerPasswordCredentialsGrant)
    http = make_app().test_client()

    described = http.get(WELL_KNOWN).get_json()

    answer = http.post("/oauth/token", data={"grant_type": "password"})
    assert "password" in described["grant_types_supported"]
    assert answer.get_json()["error"] != "unsupported_grant_type"


def test_a_code_grant_of_the_hosts_is_described_with_its_endpoint(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 8414 §2: a code grant requires `authorization_endpoint`."""
    tapauth.server.register_grant(AuthorizationCodeGrant)
    http = make_app(TAPAUTH_GRANT_TYPES=["client_credentials"]).test_client()

    described = http.get(WELL_KNOWN, base_url="https://as.example").get_json()

    AuthorizationServerMetadata(described).validate()
    assert described["response_types_supported"] == ["code"]
    assert "code_challenge_methods_supported" not in described  # we cannot know


@pytest.mark.parametrize("scopes", [None, {}, {"orders:read": "See orders"}])
def test_the_scopes_of_the_settings_are_described(
    make_app: MakeApp, scopes: dict[str, str] | None
) -> None:
    """RFC 8414 §2, `scopes_supported`, with TAPAUTH_SCOPES."""
    http = make_app(TAPAUTH_SCOPES=scopes).test_client()

    described = http.get(WELL_KNOWN).get_json()

    expected = None if scopes is None else list(scopes)
    assert described.get("scopes_supported") == expected


@pytest.mark.parametrize(
    ("settings", "public"),
    [
        ({}, []),
        ({**signed_by("ES256"), "TAPAUTH_TOKEN_FORMAT": "opaque"}, []),
        (signed_by("HS256"), []),
        (signed_by("HS256", "ES256"), ["EC"]),
        (signed_by("EdDSA", "HS256"), ["OKP"]),
        (signed_by("RS256", "ES256"), ["RSA", "EC"]),
    ],
    ids=["opaque", "unused", "shared", "shared, public", "public, shared", "public"],
)
def test_public_keys_are_described(
    make_app: MakeApp, settings: dict[str, Any], public: list[str]
) -> None:
    """RFC 8414 §2, `jwks_uri`: the keys that verify, without their private parts."""
    http = make_app(**settings).test_client()

    described = http.get(WELL_KNOWN).get_json()

    keys = http.get("/oauth/jwks.json").get_json()["keys"]
    assert ("jwks_uri" in described) == bool(public)
    assert [key["kty"] for key in keys] == public
    assert not any({"d", "k", "p", "q"} & key.keys() for key in keys)
