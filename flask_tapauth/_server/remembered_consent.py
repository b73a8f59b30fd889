"""Remember what people allowed, and tell whether they must be asked again."""

from __future__ import annotations

from typing import Any

from .. import signals
from .._app.app_state import get_app_state
from .._app.identity import own_audience
from .._base.redirect_uris import is_on_own_machine
from .._base.scopes import parse_scopes
from .._store.consents import StoredConsent
from ..models import ClientMixin
from .gate import allowed_audience
from .requests import AuthorizationRequest


def is_consent_needless(
    wanted: AuthorizationRequest, client: ClientMixin, user_id: str, redirect_uri: str
) -> bool:
    """Tell whether the client may have a token without asking the person (again)."""
    if client.is_public and is_on_own_machine(redirect_uri):
        # Any program on the person's machine can pass for it (RFC 8252 §8.6).
        return False
    if client.skip_consent:
        return True
    given = _find(wanted, client, user_id)
    return given is not None and set(parse_scopes(wanted.scope)) <= set(given.scopes)


def remember_consent(wanted: AuthorizationRequest, grant: Any, user_id: str) -> None:
    """Record that the person allowed this request, and remember it if the app's
    settings say so."""
    state = get_app_state()
    client, own = grant.client, own_audience()
    scopes = parse_scopes(grant.request.scope)
    event = state.store.events.make(
        signals.consent_given.name, client_id=client.client_id, user_id=user_id
    )
    if state.config.remember_consent and allowed_audience(wanted) == own:
        given = _find(wanted, client, user_id)
        together = parse_scopes([*(given.scopes if given else ()), *scopes])
        state.store.consents.save(client, user_id, together, own, given, event)
    else:
        state.store.events.record(event)
    signals.consent_given.send(state.app, client=client, user_id=user_id, scopes=scopes)


def _find(
    wanted: AuthorizationRequest, client: ClientMixin, user_id: str
) -> StoredConsent | None:
    """Return the remembered consent, which counts for this app alone."""
    state = get_app_state()
    own = own_audience()
    if not state.config.remember_consent or allowed_audience(wanted) != own:
        return None
    given = state.store.consents.find(client, user_id)
    # Another app on the same database may be another resource.
    return given if given is not None and given.audience == own else None
