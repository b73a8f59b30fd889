"""Connected applications: what a person allowed, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from ..errors import UnknownClientError
from .access import Visitor, for_people
from .notices import leave_notice
from .rendering import show

_MAX_TOKENS: Final = 10_000
"""The most tokens to look through, newest first."""


@dataclass(slots=True)
class Application:
    """A client that may act for a person.

    :param since: when the person first allowed it, as far as that is remembered.
    :param host: of a client that is the URL of a document: anybody can publish the name
        of a known application.
    :param scopes: of the consent and of all active tokens.
    """

    client_id: str
    since: int
    name: str = ""
    host: str | None = None
    scopes: set[str] = field(default_factory=set)


@for_people
def list_applications(visitor: Visitor) -> Response:
    """The applications that may act for the signed-in person."""
    known = get_app_state().config.scopes or {}
    return show(
        visitor,
        "applications",
        applications=[
            (each, [(scope, known.get(scope, "")) for scope in sorted(each.scopes)])
            for each in find_applications(visitor.user_id)
        ],
    )


@for_people
def revoke_application(visitor: Visitor) -> Response:
    """Take back what the signed-in person allowed an application."""
    client_id = request.form.get("client_id", "")
    with suppress(UnknownClientError):  # it was deleted, with all that it was allowed
        get_app_state().consents.revoke(visitor.user_id, client=client_id)
    leave_notice("revoked")
    return redirect(url_for(".list_applications"), 303)


def find_applications(user_id: str) -> Sequence[Application]:
    """Return the clients that a user's consents and active tokens are for, by name."""
    state = get_app_state()
    found: dict[str, Application] = {}

    def note(client_id: str, since: int, scopes: Iterable[str]) -> None:
        application = found.setdefault(client_id, Application(client_id, since))
        application.since = min(application.since, since)
        application.scopes.update(scopes)

    for consent in state.consents.list(user_id=user_id):
        note(consent.client_id, consent.granted_at, consent.scopes)
    for token in state.tokens.list(user_id=user_id, limit=_MAX_TOKENS):
        note(token.client_id, token.issued_at, token.scopes)
    for client in state.store.clients.find_many([*found]):
        application = found[client.client_id]
        application.name, application.host = client.client_name, client.document_host
    return sorted(found.values(), key=lambda each: (each.name.casefold(), each.since))
