"""What the server says of itself (RFC 8414)."""

from __future__ import annotations

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient

from .conftest import MakeApp

ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"]
WELL_KNOWN = "/.well-known/oauth-authorization-server"


def test_it_describes_what_is_on_offer(http: FlaskClient) -> None:
    """RFC 8414 §2, and RFC 9207 §3: the `iss` of authorization responses."""
    described = http.get(WELL_KNOWN, base_url="https://api.example.com").get_json()

    assert described == {
        "issuer": "https://api.example.com",
        "authorization_endpoint": "https://api.example.com/oauth/authorize",
        "authorization_response_iss_parameter_supported": True,
        "grant_types_supported": ["client_credentials", "implicit", "refresh_token"],
        "introspection_endpoint": "https://api.example.com/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "response_modes_supported": ["fragment"],
        "response_types_supported": ["token"],
        "revocation_endpoint": "https://api.example.com/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "none",
            "private_key_jwt",
        ],
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "token_endpoint": "https://api.example.com/oauth/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
    }
    AuthorizationServerMetadata(described).validate()


def test_it_goes_by_the_apps_settings(make_app: MakeApp) -> None:
    """RFC 8414 §2: the configured issuer, prefix, grants and scopes."""
    app = make_app(
        TAPAUTH_ISSUER="https://login.example.com",
        TAPAUTH_URL_PREFIX="/auth",
        TAPAUTH_GRANT_TYPES=["client_credentials"],
        TAPAUTH_SCOPES={"orders:read": "See orders"},
    )

    described = app.test_client().get(WELL_KNOWN).get_json()

    assert described["issuer"] == "https://login.example.com"
    assert described["token_endpoint"] == "https://login.example.com/auth/token"
    assert described["grant_types_supported"] == ["client_credentials"]
    assert described["response_types_supported"] == []
    assert described["scopes_supported"] == ["orders:read"]
    assert "authorization_endpoint" not in described


def test_it_knows_the_path_that_the_app_is_mounted_at(http: FlaskClient) -> None:
    """RFC 8414 §2: endpoints are the URLs that clients reach."""
    described = http.get(
        WELL_KNOWN, base_url="https://example.com/shop", environ_overrides={}
    ).get_json()

    assert described["issuer"] == "https://example.com/shop"
    assert described["token_endpoint"] == "https://example.com/shop/oauth/token"
