"""Operators' pages: search clients, and change one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from .._base.moments import has_passed
from .._clients.state import state_of
from ..errors import RegistrationError, UnknownClientError
from ..models import ClientMixin
from .access import Visitor, for_operators
from .form_values import read_date, read_number
from .notices import leave_notice
from .rendering import show

PAGE_SIZE: Final = 50

_FILTERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "active": {"state": "active"},
    "disabled": {"state": "disabled"},
    "expired": {"state": "expired"},
    "expiring": {"expiring": timedelta(days=30), "state": "active"},
    "unused": {"unused": timedelta(days=90)},
}


@for_operators
def list_clients(visitor: Visitor) -> Response:
    """Clients, with a search."""
    search = request.args.get("search", "").strip()
    chosen = request.args.get("show", "")
    after = request.args.get("after")
    clients = get_app_state().clients
    try:
        found = clients.list(
            search=search or None,
            after=after or None,
            limit=PAGE_SIZE + 1,
            **_FILTERS.get(chosen, {}),
        )
    except UnknownClientError:  # the last one of the page before is deleted
        return redirect(url_for(".list_clients", search=search, show=chosen), 303)
    shown = found[:PAGE_SIZE]
    more = None
    if len(found) > PAGE_SIZE:
        last = shown[-1].client_id
        more = url_for(".list_clients", search=search, show=chosen, after=last)
    return show(
        visitor,
        "clients",
        clients=[(client, state_of(client)) for client in shown],
        search=search,
        chosen=chosen,
        filters=list(_FILTERS),
        more=more,
    )


@for_operators
def show_client(visitor: Visitor) -> Response:
    """One client, and what can be done with it."""
    return _show(visitor, _find(request.args))


@for_operators
def rotate_secret(visitor: Visitor) -> Response:
    """Give a client a new secret, and show it once."""
    client = _find(request.form)
    try:
        rotated = get_app_state().clients.rotate_secret(
            client,
            grace=read_number("grace") or 0,
            secret_expires_at=read_date("secret_expires_at"),
        )
    except RegistrationError as error:
        return _show(visitor, client, error)
    return show(visitor, "secret", registered=rotated, is_new=False)


@for_operators
def disable_client(visitor: Visitor) -> Response:
    """Refuse a client and its tokens."""
    client = _find(request.form)
    get_app_state().clients.disable(client)
    leave_notice("disabled")
    return redirect(url_for(".show_client", client_id=client.client_id), 303)


@for_operators
def enable_client(visitor: Visitor) -> Response:
    """Accept a disabled client again."""
    client = _find(request.form)
    get_app_state().clients.enable(client)
    leave_notice("enabled")
    return redirect(url_for(".show_client", client_id=client.client_id), 303)


@for_operators
def confirm_deletion(visitor: Visitor) -> Response:
    """Ask before a client is deleted."""
    return show(visitor, "delete_client", client=_find(request.args))


@for_operators
def delete_client(visitor: Visitor) -> Response:
    """Delete a client and its tokens for good."""
    client = _find(request.form)
    try:
        get_app_state().clients.delete(client)
    except RegistrationError as error:  # a row of the host's refers to it
        return _show(visitor, client, error)
    leave_notice("deleted")
    return redirect(url_for(".list_clients"), 303)


def _find(values: Mapping[str, str]) -> ClientMixin:
    return get_app_state().clients.get(values.get("client_id", ""))


def _show(
    visitor: Visitor, client: ClientMixin, error: RegistrationError | None = None
) -> Response:
    state = get_app_state()
    known = state.config.scopes or {}
    return show(
        visitor,
        "client",
        status=200 if error is None else 400,
        client=client,
        state=state_of(client),
        scopes=[(scope, known.get(scope, "")) for scope in client.scopes],
        columns=state.store.client_columns.values_of(client),
        has_two_secrets=client.previous_secret_hash is not None
        and not has_passed(client.previous_secret_expires_at),
        typed=request.form,
        error=error,
        places=("grace", "secret_expires_at"),
    )
