"""The authorization endpoint: the pages on which people allow what clients ask for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import (
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from markupsafe import Markup
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response as BaseResponse

from . import _consent
from ._requests import AuthorizationRequest
from ._scopes import parse_scopes
from ._state import get_state
from .errors import ConfigError, StaleConsentError


def authorize() -> BaseResponse:
    """The authorization endpoint (RFC 6749 §3.1): ask the person."""
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST"])  # it may end in a token
    wanted = AuthorizationRequest.from_query(request.query_string)
    try:
        grant = get_state().server.get_consent_grant(wanted)
        with _telling_the_client(wanted, grant):
            return _shielded(_ask(wanted, grant))
    except OAuth2Error as error:
        return _shielded(_tell(wanted, error))


def decide() -> BaseResponse:
    """The authorization endpoint: do what the person decided on the consent page."""
    wanted = AuthorizationRequest({})
    try:
        person, user_id = _signed_in()
        shown = _consent.unseal(request.form.get("consent", ""), user_id)
        if shown is None:
            raise StaleConsentError
        wanted = AuthorizationRequest(shown)
        grant = get_state().server.get_consent_grant(wanted, person)
        if wanted.scope != shown["scope"]:
            raise StaleConsentError  # what nothing was, might be everything by now
        with _telling_the_client(wanted, grant):
            # Everything that is no clear yes is a no.
            allowed = request.form.get("decision") == "allow"
            if allowed:
                _remember(wanted, grant, user_id)
            return _shielded(_conclude(wanted, grant, person if allowed else None))
    except OAuth2Error as error:
        return _shielded(_tell(wanted, error))


@contextmanager
def _telling_the_client(wanted: AuthorizationRequest, grant: Any) -> Iterator[None]:
    """See that the client, now that it is proven, learns what goes wrong."""
    try:
        yield
    except ConfigError as error:
        current_app.logger.error("%s", error)
        refusal = OAuth2Error(error="server_error")
    except OAuth2Error as error:
        refusal = error
    else:
        return
    refusal.redirect_uri = grant.redirect_uri
    refusal.state = wanted.payload.state
    raise refusal


def _signed_in() -> tuple[Any, str]:
    """Return who posted the form, and their id.

    :raises StaleConsentError: nobody who could have been shown one.
    """
    people = get_state().people
    try:
        person = people.current()
        if person is not None:
            return person, people.id_of(person)
    except ConfigError as error:
        current_app.logger.error("%s", error)
    raise StaleConsentError


def _ask(wanted: AuthorizationRequest, grant: Any) -> BaseResponse:
    state = get_state()
    person = state.people.current()
    if person is None:
        return redirect(_sign_in_url(f"{request.script_root}{request.full_path}"))
    user_id = state.people.id_of(person)
    scopes = parse_scopes(wanted.scope)
    elsewhere: tuple[str, ...] = state.server.allowed_audience(wanted)
    if _is_needless(grant.client, user_id, scopes, elsewhere):
        return _conclude(wanted, grant, person)
    shown = {
        **wanted.parameters,
        "redirect_uri": grant.redirect_uri,
        "scope": wanted.scope,
    }
    return make_response(
        _render(
            "authorize",
            client=grant.client,
            account=state.people.name_of(person) or user_id,
            scopes=[(s, (state.config.scopes or {}).get(s, "")) for s in scopes],
            resources=elsewhere,
            redirect_uri=grant.redirect_uri,
            consent=_consent.seal(shown, user_id),
        )
    )


def _sign_in_url(back: str) -> str:
    view = get_state().people.login_view(get_state().config.login_view)
    if "/" not in view:
        try:
            return url_for(view, next=back)
        except BuildError:
            message = f"TapAuth: TAPAUTH_LOGIN_VIEW: {view!r} is no endpoint"
            raise ConfigError(message) from None
    # Flask-Login takes an address too.
    return f"{view}{'&' if '?' in view else '?'}{urlencode({'next': back})}"


def _is_needless(
    client: Any, user_id: str, scopes: tuple[str, ...], elsewhere: tuple[str, ...]
) -> bool:
    """Tell whether the person need not be asked, or was.

    What is remembered is for this app alone (RFC 8707 §3): who may read here may not
    therefore read there.
    """
    if client.skip_consent:
        return True
    state = get_state()
    if elsewhere or not state.config.remember_consent:
        return False
    given = state.store.consents.find(client, user_id)
    return given is not None and set(scopes) <= set(given)


def _remember(wanted: AuthorizationRequest, grant: Any, user_id: str) -> None:
    state = get_state()
    if state.config.remember_consent and not state.server.allowed_audience(wanted):
        given = state.store.consents.find(grant.client, user_id) or ()
        scopes = parse_scopes([*given, grant.request.scope])
        state.store.consents.save(grant.client, user_id, scopes, int(time.time()))


def _conclude(wanted: AuthorizationRequest, grant: Any, person: Any) -> BaseResponse:
    response: BaseResponse = get_state().server.create_authorization_response(
        wanted, grant_user=person, grant=grant
    )
    return response


def _tell(wanted: AuthorizationRequest, error: OAuth2Error) -> BaseResponse:
    """Tell the client, where it is proven, or else the person."""
    if error.redirect_uri:
        response: BaseResponse = get_state().server.handle_error_response(wanted, error)
        return response
    page = make_response(_render("error", error=error), _status_of(error))
    for name, value in error.get_headers():
        if name == "Retry-After":
            page.headers[name] = value
    return page


def _status_of(error: OAuth2Error) -> int:
    """A person's browser is no OAuth client: there is nothing to authenticate."""
    return 400 if int(error.status_code) < 500 else int(error.status_code)


def _render(name: str, **context: Any) -> str:
    if "babel" in current_app.extensions:
        from flask_babel import get_locale

        context["lang"] = str(get_locale() or "en").replace("_", "-")
    if "gettext" not in current_app.jinja_env.globals:  # Flask-Babel puts it there
        context["_"] = _untranslated
    return render_template(f"tapauth/{name}.html", **context)


def _untranslated(text: str, **values: Any) -> Markup:
    return Markup(text) % values  # noqa: S704 - texts are our templates' own


def _shielded(response: BaseResponse) -> BaseResponse:
    """Keep an answer out of caches, frames and referrers (RFC 9700 §4.2.4, §4.16)."""
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
            ),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
    )
    return response
