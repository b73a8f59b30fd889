"""The ways to send an access token, as security schemes of OpenAPI 3.1."""

from __future__ import annotations

from typing import Any, Final

from .._app.app_state import get_app_state
from .._app.identity import endpoint_path, url_on_host_of

_FLOWS: Final = {
    "client_credentials": ("clientCredentials", {"tokenUrl": "issue_token"}),
    "implicit": ("implicit", {"authorizationUrl": "authorize"}),
    "authorization_code": (
        "authorizationCode",
        {"authorizationUrl": "authorize", "tokenUrl": "issue_token"},
    ),
}
"""OpenAPI's name of each grant, and the endpoints that its client needs."""

_API_KEYS: Final = {
    # Not `access_token`: many servers drop a header whose name has an underscore.
    "header": {"type": "apiKey", "in": "header", "name": "Access-Token"},
    "query": {"type": "apiKey", "in": "query", "name": "access_token"},
}
"""OpenAPI has no scheme for a token in the body."""


def security_schemes() -> dict[str, dict[str, Any]]:
    """Describe the token locations and the grants of the current app."""
    config = get_app_state().config
    schemes: dict[str, dict[str, Any]] = {}
    if "bearer" in config.token_locations:
        # What has obtained a token by OAuth sends it as Bearer.
        schemes["oauth2"] = {"type": "oauth2", "flows": _flows()}
        schemes["bearer"] = {"type": "http", "scheme": "bearer"}
    for location, scheme in _API_KEYS.items():
        if location in config.token_locations:
            schemes[f"access_token_{location}"] = {**scheme}
    return schemes


def _flows() -> dict[str, dict[str, Any]]:
    state = get_app_state()
    offered = state.server.offered_grant_types()
    return {
        flow: {
            **{member: _url(endpoint) for member, endpoint in endpoints.items()},
            "scopes": dict(state.config.scopes or {}),
        }
        for grant, (flow, endpoints) in _FLOWS.items()
        if grant in offered
    }


def _url(endpoint: str) -> str:
    """Return a URL that does not depend on the caller's ``Host`` header."""
    issuer, path = get_app_state().config.issuer, endpoint_path(endpoint)
    return path if issuer is None else url_on_host_of(issuer, path)
