"""The routes of the endpoints, and their views."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, request

from .._app.app_state import get_app_state
from .._app.host import BLUEPRINT
from .._app.identity import is_path_of, issuer
from .._app.routes import PATHS, Route
from .._base.config import Config
from . import metadata
from .authorize import authorize, decide
from .rate_limit import rate_limited

_KEYS_MAX_AGE = 300
"""Seconds for which others cache the key set. A new key must be published this long
before it signs."""

_STYLE_MAX_AGE = 3600
"""Seconds for which a browser caches the style sheet."""


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


def make_blueprint(routes: Iterable[Route], app: Flask) -> Blueprint:
    """Return the blueprint ``tapauth``, whose routes are on all hosts of the app."""
    blueprint = Blueprint(BLUEPRINT, __name__, template_folder="templates")
    everywhere: list[dict[str, str]] = [{}]
    if app.url_map.host_matching:
        everywhere = [{"host": f"<{_HOST}>"}]
        blueprint.url_defaults(_add_host)
    elif app.subdomain_matching:
        everywhere = [{"subdomain": ""}, {"subdomain": f"<{_HOST}>"}]
    blueprint.url_value_preprocessor(_drop_host)
    for method, rule, view in routes:
        for where in everywhere:
            blueprint.route(rule, methods=[method], **where)(view)
    return blueprint


_HOST = "tapauth_host"
"""The variable for the host or the subdomain in our rules."""


def _add_host(_: str, values: dict[str, Any]) -> None:
    values.setdefault(_HOST, request.host)


def _drop_host(_: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop(_HOST, None)  # the views do not take it


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
    """The style sheet: a host's Content-Security-Policy may forbid styles in a page."""
    response = Response(_style(), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = _STYLE_MAX_AGE
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def _style() -> bytes:
    return (Path(__file__).parent / "style.css").read_bytes()


def describe_server(path: str = "") -> dict[str, Any]:
    """The metadata document of the server (RFC 8414)."""
    if path and not is_path_of(path, issuer()):
        abort(404)
    return metadata.authorization_server()
