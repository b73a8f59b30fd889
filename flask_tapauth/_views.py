"""The endpoints: which route is answered by what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from . import _metadata
from ._authorize import authorize, decide
from ._identity import is_path_of, issuer, resource
from ._rate_limit import rate_limited
from ._state import get_state

_KEYS_MAX_AGE = 300
"""Seconds for which a key set may be kept: what a new key has to be announced by."""


def make_blueprint(url_prefix: str) -> Blueprint:
    """Return the blueprint ``tapauth`` with the endpoints of one app."""
    blueprint = Blueprint("tapauth", __name__, template_folder="templates")
    blueprint.post(f"{url_prefix}/token")(rate_limited(issue_token))
    blueprint.post(f"{url_prefix}/revoke")(rate_limited(revoke_token))
    blueprint.post(f"{url_prefix}/introspect")(rate_limited(introspect_token))
    blueprint.get(f"{url_prefix}/authorize")(authorize)
    blueprint.post(f"{url_prefix}/authorize")(decide)
    blueprint.get(f"{url_prefix}/jwks.json")(public_keys)
    for path in ("", "/<path:path>"):
        blueprint.get(f"{_metadata.SERVER_PATH}{path}")(describe_server)
        blueprint.get(f"{_metadata.RESOURCE_PATH}{path}")(describe_resource)
    return blueprint


def issue_token() -> Response:
    """The token endpoint (RFC 6749 §3.2)."""
    response: Response = get_state().server.create_token_response()
    return response


def revoke_token() -> Response:
    """The revocation endpoint (RFC 7009)."""
    response: Response = get_state().server.create_endpoint_response("revocation")
    return response


def introspect_token() -> Response:
    """The introspection endpoint (RFC 7662)."""
    response: Response = get_state().server.create_endpoint_response("introspection")
    return response


def public_keys() -> Response:
    """The keys that verify our tokens (RFC 7517)."""
    response = jsonify({"keys": _metadata.public_keys()})
    response.cache_control.public = True
    response.cache_control.max_age = _KEYS_MAX_AGE
    return response


def describe_server(path: str = "") -> dict[str, Any]:
    """What the server is and offers (RFC 8414)."""
    _check_path(path, issuer())
    return _metadata.authorization_server()


def describe_resource(path: str = "") -> dict[str, Any]:
    """What the API is and takes (RFC 9728)."""
    _check_path(path, resource())
    return _metadata.protected_resource()


def _check_path(path: str, identifier: str) -> None:
    """The path of an identifier follows the well-known one (RFC 8414 §3.1)."""
    if path and not is_path_of(path, identifier):
        abort(404)
