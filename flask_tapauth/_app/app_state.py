"""The parts of Flask-TapAuth for one app."""

from __future__ import annotations

from dataclasses import dataclass

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from flask import Flask, current_app

from .._base.config import Config
from .._base.hooks import Hooks
from .._base.secrets import SecretChecker
from .._clients.clients import Clients
from .._clients.document_clients import DocumentClients
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
from .pages import Pages
from .people import UserLookup

EXTENSION = "tapauth"


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts for one app.

    Only the server, the protector, and the functions in `people` and `hooks` belong to
    the extension, and serve all of its apps.
    """

    app: Flask
    config: Config
    store: Store
    clients: Clients
    document_clients: DocumentClients
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
    state = current_app.extensions.get(EXTENSION)
    if not isinstance(state, AppState):
        raise NotInitialisedError(
            "Flask-TapAuth is not initialised on this app: call "
            "TapAuth.init_app(app), and run the code in the context of the same app"
        )
    return state
