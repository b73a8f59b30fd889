"""The metadata document of the authorization server (RFC 8414)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from .._app.app_state import get_app_state
from .._app.identity import endpoint_url, issuer, path_of
from .._base.config import Config
from .._base.keys import CLIENT_ALGORITHMS
from .._tokens.jwt import CLAIMS
from .client_auth import CONFIDENTIAL_METHODS, METHODS
from .endpoints import IntrospectionEndpoint

PATH: Final = "/.well-known/oauth-authorization-server"
OPENID_PATH: Final = "/.well-known/openid-configuration"

_FOR_CONFIDENTIAL: Final = {"client_credentials", "refresh_token"}
"""Grants that are not enough to register a public client."""


def authorization_server() -> dict[str, Any]:
    """Describe what this app offers (RFC 8414 §2)."""
    state = get_app_state()
    config, server = state.config, state.server
    grant_types = server.offered_grant_types()
    described: dict[str, Any] = {
        "issuer": issuer(),
        "token_endpoint": endpoint_url("issue_token"),
        "revocation_endpoint": endpoint_url("revoke_token"),
        "introspection_endpoint": endpoint_url("introspect_token"),
        "grant_types_supported": grant_types,
        "response_types_supported": [],
    }
    if config.scopes is not None:
        described["scopes_supported"] = list(config.scopes)
    has_public_clients = not _FOR_CONFIDENTIAL.issuperset(grant_types)
    methods = {
        "token": METHODS if has_public_clients else CONFIDENTIAL_METHODS,
        "revocation": METHODS,
        "introspection": IntrospectionEndpoint.CLIENT_AUTH_METHODS,
    }
    for name, supported in methods.items():
        # An assertion names the issuer. An app without one accepts no assertion.
        offered = {*supported} - (
            {"private_key_jwt"} if config.issuer is None else set()
        )
        described[f"{name}_endpoint_auth_methods_supported"] = sorted(offered)
        if "private_key_jwt" in offered:
            algorithms = f"{name}_endpoint_auth_signing_alg_values_supported"
            described[algorithms] = list(CLIENT_ALGORITHMS)
    response_types = server.offered_response_types()
    if response_types:
        described["authorization_endpoint"] = endpoint_url("authorize")
        described["response_types_supported"] = response_types
        modes = {
            "fragment" if type_ == "token" else "query" for type_ in response_types
        }
        described["response_modes_supported"] = sorted(modes)
        described["authorization_response_iss_parameter_supported"] = True
        if config.client_id_metadata and "code" in response_types:
            described["client_id_metadata_document_supported"] = True
    if server.offers_own_codes():
        described["code_challenge_methods_supported"] = ["S256"]
    if config.openid_configuration:
        # OpenID Connect Discovery §3 requires it: `sub` is the same for all clients.
        # The algorithms of ID tokens are left out, as we issue none.
        described["subject_types_supported"] = ["public"]
    if config.signing_keys is not None:
        described["claims_supported"] = sorted(CLAIMS)
        if public_keys():
            described["jwks_uri"] = endpoint_url("public_keys")
    return described


def rules(config: Config) -> list[str]:
    """Return the rules of the document's addresses.

    The path of the issuer comes after the well-known path (RFC 8414 §3.1). In OpenID
    Connect Discovery §4.1 it comes before.
    """
    documents = [PATH, OPENID_PATH] if config.openid_configuration else [PATH]
    found = [f"{path}{end}" for path in documents for end in ("", "/<path:path>")]
    if config.openid_configuration and path_of(config.issuer or ""):
        found.append(f"/<path:path>{OPENID_PATH}")
    return found


def addresses(config: Config) -> list[str]:
    """Return the addresses, below these rules, that the settings name."""
    if config.issuer is None:
        return []
    path = unquote(path_of(config.issuer))
    return [rule.replace("<path:path>", path) for rule in rules(config)]


def public_keys() -> list[dict[str, Any]]:
    """Return the public keys that verify our tokens (RFC 7517 §4)."""
    keys = get_app_state().config.signing_keys
    return [] if keys is None else keys.public()
