"""The endpoints: which route is answered by what."""

from __future__ import annotations

from flask import Blueprint, Response

from ._state import get_state


def make_blueprint(url_prefix: str) -> Blueprint:
    """Return the blueprint ``tapauth`` with the endpoints of one app."""
    blueprint = Blueprint("tapauth", __name__, url_prefix=url_prefix)
    blueprint.post("/token")(issue_token)
    return blueprint


def issue_token() -> Response:
    """The token endpoint (RFC 6749 §3.2)."""
    response: Response = get_state().server.create_token_response()
    return response
