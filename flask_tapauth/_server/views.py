"""The routes of the endpoints, and their views."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from .._app.all_hosts import add_on_all_hosts
from .._app.app_state import get_app_state
from .._app.host import BLUEPRINT
from .._app.identity import is_path_of, issuer
from .._app.routes import PATHS, Route
from .._app.style_sheets import send_style_sheet
from .._base.config import Config
from . import metadata
from .authorize import authorize, decide
from .rate_limit import rate_limited

TEMPLATES = Path(__file__).parent / "templates"
_STYLE = Path(__file__).parent / "style.css"

_KEYS_MAX_AGE = 300
"""Seconds for which others cache the key set. A new key must be published this long
before it signs."""


def routes(config: Config) -> list[Route]:
    posted = [rate_limited(v) for v in (issue_token, revoke_token, introspect_token)]
    found: list[Route] = [
        (method, f"{config.url_prefix}{PATHS[view.__name__]}", view)
        for method, views in (
            ("POST", [*posted, decide]),
            ("GET", [authorize, public_keys, stylesheet]),
        )
        for view in views
    ]
    found += [("GET", rule, describe_server) for rule in metadata.rules(config)]
    return found


def make_blueprint(routes: Iterable[Route]) -> Blueprint:
    """Return the blueprint ``tapauth``, whose routes are on all hosts of the app."""
    blueprint = Blueprint(BLUEPRINT, __name__, template_folder=str(TEMPLATES))
    add_on_all_hosts(blueprint, routes)
    return blueprint


def issue_token() -> Response:
    """The token endpoint (RFC 6749 §3.2)."""
    response: Response = get_app_state().server.create_token_response()
    return response


def revoke_token() -> Response:
    """The revocation endpoint (RFC 7009)."""
    response: Response = get_app_state().server.create_endpoint_response("revocation")
    return response


def introspect_token() -> Response:
    """The introspection endpoint (RFC 7662)."""
    server = get_app_state().server
    response: Response = server.create_endpoint_response("introspection")
    return response


def public_keys() -> Response:
    """The public keys that verify our tokens (RFC 7517)."""
    response = jsonify({"keys": metadata.public_keys()})
    response.cache_control.public = True
    response.cache_control.max_age = _KEYS_MAX_AGE
    return response


def stylesheet() -> Response:
    """The style sheet of the consent page."""
    return send_style_sheet(_STYLE)


def describe_server(path: str = "") -> dict[str, Any]:
    """The metadata document of the server (RFC 8414)."""
    if path and not is_path_of(path, issuer()):
        abort(404)
    return metadata.authorization_server()
