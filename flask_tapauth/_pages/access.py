"""Who may see a page, and whether a form was posted from one of ours."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from .._app.sealed_fields import seal, unseal
from .._app.sign_in import sign_in_url, signed_in_person, this_page
from ..errors import InsecureRequestError, UnknownClientError
from .notices import leave_notice

MAX_AGE: Final = 12 * 3600
"""Seconds for which a form can be sent."""

_PURPOSE: Final = "pages"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person who looks at a page.

    :param account: the name to show.
    """

    user_id: str
    account: str
    is_operator: bool

    def seal(self) -> str:
        """Return the hidden field that each form needs."""
        return seal(_PURPOSE, self.user_id)

    def has_sealed(self, field: str) -> bool:
        return unseal(_PURPOSE, field, self.user_id, MAX_AGE) is not None


View = Callable[[Visitor], Response]


def for_people(view: View) -> Callable[[], Response]:
    """Run a view for the signed-in person; send others to the login view."""

    @functools.wraps(view)
    def checked() -> Response:
        return _run(view, ".list_applications")

    return checked


def for_operators(view: View) -> Callable[[], Response]:
    """Run a view for the people whom the host's ``@tapauth.operator`` accepts."""

    @functools.wraps(view)
    def checked() -> Response:
        state = get_app_state()
        if state.hooks.operator is None:
            abort(404)
        if not state.config.allows_transport(request.scheme, request.host):
            abort(400, InsecureRequestError.description)  # pages show new secrets
        return _run(view, ".list_clients", operators_only=True)

    return checked


def _run(view: View, overview: str, *, operators_only: bool = False) -> Response:
    """
    :param overview: the endpoint to go on from if what was posted is not done.
    """
    is_post = request.method == "POST"
    person = signed_in_person()
    if person is None:
        back = url_for(overview) if is_post else this_page()
        return redirect(sign_in_url(back), 303)
    state = get_app_state()
    if not state.people.is_active(person):
        abort(403)
    is_operator = state.hooks.is_operator()
    if operators_only and not is_operator:
        abort(403)
    user_id = state.people.id_of(person)
    visitor = Visitor(user_id, state.people.name_of(person) or user_id, is_operator)
    if is_post and not visitor.has_sealed(request.form.get("seal", "")):
        leave_notice("stale")
        return redirect(url_for(overview), 303)
    try:
        return view(visitor)
    except UnknownClientError:  # also if it is deleted while the view works
        abort(404)
