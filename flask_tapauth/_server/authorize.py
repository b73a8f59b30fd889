"""The authorization endpoint: the page on which people allow or deny a request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from flask import make_response, redirect, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from .._app.app_state import get_app_state
from .._app.identity import endpoint_path, own_audience
from .._app.page_headers import with_security_headers
from .._app.sign_in import sign_in_url, signed_in_person, this_page
from .._base.redirect_uris import is_on_own_machine
from .._base.scopes import parse_scopes
from .._base.shown import shown
from ..errors import ConfigError, ServerError, StaleConsentError
from . import consent
from .gate import allowed_audience
from .remembered_consent import is_consent_needless, remember_consent
from .requests import AuthorizationRequest

log = logging.getLogger(__name__)


def authorize() -> BaseResponse:
    """The authorization endpoint (RFC 6749 §3.1): ask the person."""
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST"])  # the view may issue a token
    wanted = AuthorizationRequest.from_query(request.query_string)
    try:
        sign_in = _sign_in_first(wanted)
        if sign_in is not None:
            return with_security_headers(sign_in)
        grant = get_app_state().server.get_consent_grant(wanted)
        with _errors_for_client(wanted, grant):
            return with_security_headers(_ask_person(wanted, grant))
    except OAuth2Error as error:
        if get_app_state().document_clients.is_stranger(wanted.client):
            # Nobody has allowed it yet: a link would send a person to any URL at once
            # (RFC 9700 §4.11.2).
            error.redirect_uri = None
        return with_security_headers(_report_error(wanted, error))


def decide() -> BaseResponse:
    """The authorization endpoint: do what the person decided on the consent page."""
    wanted = AuthorizationRequest({})
    try:
        person, user_id = _require_person()
        unsealed = consent.unseal(request.form.get("consent", ""), user_id)
        if unsealed is None:
            raise StaleConsentError
        parameters, redirect_uri = unsealed
        wanted = AuthorizationRequest(parameters)
        grant = get_app_state().server.get_consent_grant(wanted, person)
        if (wanted.scope, grant.redirect_uri) != (parameters["scope"], redirect_uri):
            raise StaleConsentError  # the client was changed after the page was shown
        with _errors_for_client(wanted, grant):
            # Everything but "allow" is a denial.
            is_active = get_app_state().people.is_active(person)
            allowed = is_active and request.form.get("decision") == "allow"
            if allowed:
                wanted.client = get_app_state().document_clients.keep(wanted.client)
                remember_consent(wanted, grant, user_id)
            return with_security_headers(
                _redirect_back(wanted, grant, person if allowed else None)
            )
    except OAuth2Error as error:
        return with_security_headers(_report_error(wanted, error))


@contextmanager
def _errors_for_client(wanted: AuthorizationRequest, grant: Any) -> Iterator[None]:
    """Send errors to the client, whose redirect URI is proven by now."""
    try:
        yield
    except ConfigError as error:
        log.error("%s", shown(error))
        refusal: OAuth2Error = ServerError()
    except OAuth2Error as error:
        refusal = error
    else:
        return
    refusal.redirect_uri = grant.redirect_uri
    refusal.state = wanted.payload.state
    raise refusal


def _require_person() -> tuple[Any, str]:
    """Return the signed-in person and their id; without one, the page is stale."""
    try:
        person = signed_in_person()
        if person is not None:
            return person, get_app_state().people.id_of(person)
    except ConfigError as error:
        log.error("%s", shown(error))
    raise StaleConsentError


def _ask_person(wanted: AuthorizationRequest, grant: Any) -> BaseResponse:
    state = get_app_state()
    person = signed_in_person()
    if person is None:
        return _send_to_sign_in()
    if not state.people.is_active(person):
        raise AccessDeniedError
    user_id = state.people.id_of(person)
    scopes = parse_scopes(wanted.scope)
    audience = allowed_audience(wanted)
    if is_consent_needless(wanted, grant.client, user_id, grant.redirect_uri):
        return _redirect_back(wanted, grant, person)
    displayed = {**wanted.parameters, "scope": wanted.scope}
    return make_response(
        _render(
            "authorize",
            client=grant.client,
            account=state.people.name_of(person) or user_id,
            scopes=[(s, (state.config.scopes or {}).get(s, "")) for s in scopes],
            resources=audience if audience != own_audience() else (),
            redirect_uri=grant.redirect_uri,
            redirect_host=urlsplit(grant.redirect_uri).netloc,
            is_on_own_machine=is_on_own_machine(grant.redirect_uri),
            consent=consent.seal(displayed, grant.redirect_uri, user_id),
            action=endpoint_path("decide"),
        )
    )


def _sign_in_first(wanted: AuthorizationRequest) -> BaseResponse | None:
    """Have a person sign in before we look at a client that is a URL.

    Otherwise strangers could make us fetch documents.
    """
    state = get_app_state()
    if not state.document_clients.accepts(wanted.payload.client_id):
        return None
    try:
        person = signed_in_person()
        if person is None:
            return _send_to_sign_in()
        if not state.people.is_active(person):
            raise AccessDeniedError
    except ConfigError as error:
        log.error("%s", shown(error))
        raise ServerError from None
    return None


def _send_to_sign_in() -> BaseResponse:
    return redirect(sign_in_url(this_page()))


def _redirect_back(
    wanted: AuthorizationRequest, grant: Any, person: Any
) -> BaseResponse:
    response: BaseResponse = get_app_state().server.create_authorization_response(
        wanted, grant_user=person, grant=grant
    )
    return response


def _report_error(wanted: AuthorizationRequest, error: OAuth2Error) -> BaseResponse:
    """Send the error to the client if its redirect URI is proven, or show a page."""
    if error.redirect_uri:
        server = get_app_state().server
        response: BaseResponse = server.handle_error_response(wanted, error)
        return response
    # Never 401: a person sends no client credentials.
    status = 400 if int(error.status_code) < 500 else int(error.status_code)
    page = make_response(_render("error", error=error), status)
    for name, value in error.get_headers():
        if name == "Retry-After":
            page.headers[name] = value
    return page


def _render(name: str, **context: Any) -> str:
    stylesheet = endpoint_path("stylesheet")
    return get_app_state().pages.render(name, stylesheet=stylesheet, **context)
