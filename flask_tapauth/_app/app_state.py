"""The parts of Flask-TapAuth that belong to one app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from flask import Flask, current_app

from .._base.config import Config
from .._base.hooks import Hooks
from .._base.secrets import SecretChecker
from .._clients.clients import Clients
from .._clients.remote_keys import RemoteKeys
from .._store import Store
from .._tokens.consents import Consents, Users
from .._tokens.issuer import Issuer
from .._tokens.keys import Keys
from .._tokens.reader import TokenReader
from .._tokens.revoker import Revoker
from .._tokens.tokens import Tokens
from .._trail.events import Events
from ..errors import NotInitialisedError
from .people import UserLookup

EXTENSION = "tapauth"


class Pages(Protocol):
    """What renders the HTML pages, which only the authorization server has."""

    def render(self, name: str, **context: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class AppState:
    """All that was learned from one app; no two apps share any of it.

    The server and the protector are the extension's. They keep what the host registers
    on them, and look up here what they need of an app.
    """

    app: Flask
    config: Config
    store: Store
    clients: Clients
    tokens: Tokens
    consents: Consents
    users: Users
    keys: Keys
    events: Events
    issuer: Issuer
    reader: TokenReader
    revoker: Revoker
    remote_keys: RemoteKeys
    people: UserLookup
    hooks: Hooks
    pages: Pages
    secrets: SecretChecker
    server: AuthorizationServer
    protector: ResourceProtector


def get_app_state() -> AppState:
    """Return the state of the current app.

    :raises NotInitialisedError: it has none.
    """
    state = current_app.extensions.get(EXTENSION)
    if not isinstance(state, AppState):
        raise NotInitialisedError(
            "Flask-TapAuth does not know this app: call TapAuth.init_app(app), and see "
            "that the code runs in the app where you called it"
        )
    return state
