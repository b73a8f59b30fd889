"""Operators' page: register a client, and show its secret once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from ..errors import RegistrationError
from .access import Visitor, for_operators
from .form_values import read_date, read_number, read_text, read_words
from .rendering import show

_COLUMN: Final = "column-"
"""The names of the fields for the host's own columns begin with this."""

_PLACES: Final = (
    "name",
    "client_id",
    "public",
    "grant_types",
    "scopes",
    "redirect_uris",
    "expires_in",
    "secret_expires_at",
    "allowed_networks",
)
"""The arguments that have a field, beside which a fault is shown."""


@for_operators
def new_client(visitor: Visitor) -> Response:
    """The form for a new client."""
    return _show(visitor)


@for_operators
def create_client(visitor: Visitor) -> Response:
    """Register a client, and show its secret once."""
    state = get_app_state()
    try:
        registered = state.clients.create(
            read_text("name") or "",
            client_id=read_text("client_id"),
            public=request.form.get("public") == "yes",
            grant_types=read_words("grant_types"),
            scopes=read_words("scopes"),
            redirect_uris=read_words("redirect_uris"),
            expires_in=read_number("expires_in"),
            secret_expires_at=read_date("secret_expires_at"),
            allowed_networks=read_words("allowed_networks"),
            **_read_columns(),
        )
    except RegistrationError as error:
        return _show(visitor, error)
    return show(visitor, "secret", registered=registered, is_new=True)


def _show(visitor: Visitor, error: RegistrationError | None = None) -> Response:
    state = get_app_state()
    is_typed = request.method == "POST"
    return show(
        visitor,
        "new_client",
        status=200 if error is None else 400,
        error=error,
        places=_PLACES,
        typed=request.form,
        chosen_grants=read_words("grant_types") if is_typed else ["client_credentials"],
        chosen_scopes=read_words("scopes"),
        grant_types=_offered_grant_types(),
        known_scopes=state.config.scopes,
        columns=[(name, _COLUMN + name) for name in state.store.client_columns.of_host],
    )


def _offered_grant_types() -> Sequence[str]:
    state = get_app_state()
    extra = sorted(state.server.extra_grant_types())
    # A grant of the host may take the place of ours of the same name.
    return [*dict.fromkeys((*state.config.grant_types, *extra))]


def _read_columns() -> dict[str, Any]:
    columns = get_app_state().store.client_columns
    typed = {name: read_text(_COLUMN + name) for name in columns.of_host}
    return columns.read_text({n: text for n, text in typed.items() if text is not None})
