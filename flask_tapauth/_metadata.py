"""What the app says of itself, for programs to set themselves up by."""

from __future__ import annotations

import functools
from typing import Any, Final

from ._client_auth import CONFIDENTIAL_METHODS, METHODS
from ._config import Config
from ._endpoints import IntrospectionEndpoint
from ._identity import at_origin, endpoint_url, issuer, mount, path_of, resource
from ._jwt import CLAIMS
from ._keys import CLIENT_ALGORITHMS
from ._state import get_state

SERVER_PATH: Final = "/.well-known/oauth-authorization-server"
RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource"

_BEARER_METHODS = {"bearer": "header", "body": "body", "query": "query"}


def authorization_server() -> dict[str, Any]:
    """Describe what is really on offer in this app (RFC 8414 §2)."""
    state = get_state()
    config, server = state.config, state.server
    grant_types = server.offered_grant_types()
    described: dict[str, Any] = {
        "issuer": issuer(),
        "token_endpoint": endpoint_url("issue_token"),
        "revocation_endpoint": endpoint_url("revoke_token"),
        "introspection_endpoint": endpoint_url("introspect_token"),
        "grant_types_supported": grant_types,
        "response_types_supported": [],
        **_scopes(config),
    }
    methods = {
        "token": METHODS if server.extra_grant_types() else CONFIDENTIAL_METHODS,
        "revocation": METHODS,
        "introspection": IntrospectionEndpoint.CLIENT_AUTH_METHODS,
    }
    for name, supported in methods.items():
        described[f"{name}_endpoint_auth_methods_supported"] = sorted(supported)
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
    if config.signing_keys is not None:
        described["claims_supported"] = sorted(CLAIMS)
        if public_keys():
            described["jwks_uri"] = endpoint_url("public_keys")
    return described


def protected_resource() -> dict[str, Any]:
    """Describe this app's API (RFC 9728 §2)."""
    config = get_state().config
    return {
        "resource": resource(),
        "authorization_servers": [issuer()],
        "bearer_methods_supported": [
            _BEARER_METHODS[place]
            for place in config.token_locations
            if place in _BEARER_METHODS
        ],
        **_scopes(config),
    }


def protected_resource_url() -> str:
    """Return where :func:`protected_resource` is answered (RFC 9728 §3.1)."""
    return _resource_url(issuer(), resource(), mount())


@functools.lru_cache(maxsize=64)
def _resource_url(issuer: str, resource: str, mounted_at: str) -> str:
    below, mounted = path_of(resource), mounted_at.strip("/")
    if f"{below}/".startswith(f"{mounted}/"):
        below = below[len(mounted) :].strip("/")
    path = f"{mounted_at}{RESOURCE_PATH}{below and '/'}{below}"
    return at_origin(issuer, path)


def public_keys() -> list[dict[str, Any]]:
    """Return the keys that tokens can be verified by (RFC 7517 §4)."""
    keys = get_state().config.signing_keys
    return [] if keys is None else keys.public()


def _scopes(config: Config) -> dict[str, Any]:
    return {} if config.scopes is None else {"scopes_supported": list(config.scopes)}
