"""What the server says of itself (RFC 8414): all of it is so."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

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

ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"]
PROVEN = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
WELL_KNOWN = "/.well-known/oauth-authorization-server"
KEYS: dict[str, Any] = {
    "ES256": jwk.ECKey.generate_key("P-256"),
    "EdDSA": jwk.OKPKey.generate_key("Ed25519"),
    "RS256": jwk.RSAKey.generate_key(2048),
    "HS256": jwk.OctKey.generate_key(256),
}


def signed_by(*algorithms: str) -> dict[str, Any]:
    """The settings for JWTs; the first key signs."""
    keys = [KEYS[algorithm].as_dict(private=True) for algorithm in algorithms]
    return {
        "TAPAUTH_ISSUER": "https://as.example",
        "TAPAUTH_TOKEN_FORMAT": "jwt",
        "TAPAUTH_JWT_ALGORITHM": algorithms[0],
        "TAPAUTH_JWT_KEYS": {"keys": keys},
    }


def urls_in(described: dict[str, Any]) -> dict[str, str]:
    """The path of each address in the document, by its member."""
    return {
        name: urlsplit(value).path
        for name, value in described.items()
        if name.endswith(("_endpoint", "_uri"))
    }


def test_without_an_issuer_no_client_is_told_to_sign(http: FlaskClient) -> None:
    """Issue E 4: an assertion names the issuer, and ``Host`` is no name of ours."""
    described = http.get(WELL_KNOWN).get_json()

    assert "private_key_jwt" not in str(described)
    assert not [name for name in described if "signing_alg" in name]


def test_it_describes_what_is_on_offer(make_app: MakeApp) -> None:
    """RFC 8414 §2, and RFC 9207 §3: the `iss` of authorization responses."""
    http = make_app(TAPAUTH_ISSUER="https://api.example.com").test_client()
    described = http.get(WELL_KNOWN, base_url="https://api.example.com").get_json()

    assert described == {
        "issuer": "https://api.example.com",
        "authorization_endpoint": "https://api.example.com/oauth/authorize",
        "authorization_response_iss_parameter_supported": True,
        "grant_types_supported": ["client_credentials", "implicit", "refresh_token"],
        "introspection_endpoint": "https://api.example.com/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": PROVEN,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "response_modes_supported": ["fragment"],
        "response_types_supported": ["token"],
        "revocation_endpoint": "https://api.example.com/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": sorted([*PROVEN, "none"]),
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "token_endpoint": "https://api.example.com/oauth/token",
        "token_endpoint_auth_methods_supported": PROVEN,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
    }
    AuthorizationServerMetadata(described).validate()


def test_it_is_json(http: FlaskClient) -> None:
    """RFC 8414 §3.2: 200, and the content type `application/json`."""
    answer = http.get(WELL_KNOWN)

    assert (answer.status_code, answer.content_type) == (200, "application/json")


@pytest.mark.parametrize(
    "settings",
    [{}, {"TAPAUTH_URL_PREFIX": "/auth/v2"}, signed_by("ES256")],
    ids=["defaults", "prefix", "jwt"],
)
def test_every_address_answers(make_app: MakeApp, settings: dict[str, Any]) -> None:
    """RFC 8414 §2: what is named is there, and takes the method that it is for."""
    http = make_app(**settings).test_client()

    urls = urls_in(http.get(WELL_KNOWN).get_json())

    gets = {"authorization_endpoint", "jwks_uri"}
    methods = {name: "GET" if name in gets else "POST" for name in urls}
    answers = [http.open(urls[name], method=methods[name]) for name in urls]
    assert len(urls) == 4 + ("TAPAUTH_JWT_KEYS" in settings)
    assert not {404, 405} & {answer.status_code for answer in answers}


def test_the_prefix_is_in_every_address(make_app: MakeApp) -> None:
    """RFC 8414 §3: a prefix moves the endpoints, but not the document."""
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
    """RFC 8414 §2, grant_types_supported, by TAPAUTH_GRANT_TYPES."""
    http = make_app(TAPAUTH_GRANT_TYPES=offered).test_client()

    described = http.get(WELL_KNOWN).get_json()

    assert described["grant_types_supported"] == offered
    for grant_type in ("client_credentials", "refresh_token"):
        answer = http.post("/oauth/token", data={"grant_type": grant_type}).get_json()
        is_refused = answer["error"] == "unsupported_grant_type"
        assert is_refused == (grant_type not in offered)


def test_without_the_implicit_grant_there_is_no_authorization(
    make_app: MakeApp,
) -> None:
    """RFC 8414 §2: response types are required to be named, even if there are none."""
    http = make_app(TAPAUTH_GRANT_TYPES=["client_credentials"]).test_client()

    described = http.get(WELL_KNOWN).get_json()

    assert described["response_types_supported"] == []
    assert "authorization_endpoint" not in described
    assert "response_modes_supported" not in described


def test_a_grant_of_the_hosts_is_described_and_served(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """The document must list a grant that the host registered."""
    tapauth.server.register_grant(ResourceOwnerPasswordCredentialsGrant)
    http = make_app().test_client()

    described = http.get(WELL_KNOWN).get_json()

    answer = http.post("/oauth/token", data={"grant_type": "password"})
    assert "password" in described["grant_types_supported"]
    assert answer.get_json()["error"] != "unsupported_grant_type"


def test_a_code_grant_of_the_hosts_is_described_with_its_endpoint(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 8414 §2: a grant that needs the authorization endpoint requires its URL."""
    tapauth.server.register_grant(AuthorizationCodeGrant)
    http = make_app(TAPAUTH_GRANT_TYPES=["client_credentials"]).test_client()

    described = http.get(WELL_KNOWN, base_url="https://as.example").get_json()

    AuthorizationServerMetadata(described).validate()
    assert described["response_types_supported"] == ["code"]


@pytest.mark.parametrize("scopes", [None, {}, {"orders:read": "See orders"}])
def test_scopes_are_described_where_they_are_known(
    make_app: MakeApp, scopes: dict[str, str] | None
) -> None:
    """RFC 8414 §2, scopes_supported, by TAPAUTH_SCOPES."""
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
def test_keys_are_described_where_there_are_public_ones(
    make_app: MakeApp, settings: dict[str, Any], public: list[str]
) -> None:
    """RFC 8414 §2, jwks_uri: the keys that verify, without their private parts."""
    http = make_app(**settings).test_client()

    described = http.get(WELL_KNOWN).get_json()

    keys = http.get("/oauth/jwks.json").get_json()["keys"]
    assert ("jwks_uri" in described) == bool(public)
    assert [key["kty"] for key in keys] == public
    assert not any({"d", "k", "p", "q"} & key.keys() for key in keys)
