"""Generate the token that a grant asks for, within what was granted before."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError

from .._app.app_state import get_app_state
from .._app.identity import own_audience
from .._app.request_state import get_request_state
from .._store.codes import StoredCode
from .._tokens.token import Grant, TokenResponse
from .client_auth import check_alive
from .gate import allowed_audience, bounded_scope, check_grant_type, granted_to


def generate_token(**wanted: Any) -> TokenResponse:
    """Generate a token: the function for Authlib's ``register_token_generator``."""
    state = get_app_state()
    request = get_request_state().asked
    granted = None if request is None else granted_to(request)
    # Checked again: a grant of the host may find its client without authentication.
    check_alive(wanted["client"])
    check_grant_type(wanted["client"], wanted["grant_type"])
    refreshed = None if request is None else request.refresh_token
    code = None if request is None else request.authorization_code
    if refreshed is not None:
        user_id = refreshed.user_id
    elif isinstance(code, StoredCode):
        user_id = code.user_id  # the host may not have said how to find users
    else:
        user_id = state.people.id_of(wanted["user"]) if wanted["user"] else None
    if granted is None and wanted["grant_type"] == "authorization_code":
        raise InvalidGrantError  # the grant did not authenticate its client
    if granted is not None and granted.user_id != user_id:
        raise InvalidGrantError("Another person granted this code.")
    grant = Grant(
        user_id=user_id,
        user=wanted["user"],
        audience=own_audience() if request is None else allowed_audience(request),
        ends_at=None if refreshed is None else refreshed.expires_at,
    )
    scope = bounded_scope(wanted["client"], wanted.pop("scope"), granted)
    # For Authlib an empty scope means every scope. Here it means that none is left.
    return state.issuer.generate.generate(
        **wanted, scope=scope, grant=grant, without_scope=not scope
    )
