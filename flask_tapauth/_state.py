"""What one app has of Flask-TapAuth, found where Flask keeps such things."""

from __future__ import annotations

from dataclasses import dataclass

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from flask import Flask, current_app

from ._clients import Clients
from ._config import Config
from ._hooks import Hooks
from ._issuer import Issuer
from ._people import People
from ._reader import TokenReader
from ._registry import Registry
from ._remote_keys import RemoteKeys
from ._store import Store
from .errors import NotInitialisedError

EXTENSION = "tapauth"


@dataclass(frozen=True, slots=True)
class State:
    """All that was learned from one app; no two apps share any of it.

    The server and the protector are the extension's. They keep what the host registers
    on them, and look up here what they need of an app.
    """

    app: Flask
    config: Config
    store: Store
    clients: Clients
    issuer: Issuer
    reader: TokenReader
    registry: Registry
    remote_keys: RemoteKeys
    people: People
    hooks: Hooks
    server: AuthorizationServer
    protector: ResourceProtector


def get_state() -> State:
    """Return the state of the current app.

    :raises NotInitialisedError: it has none.
    """
    state = current_app.extensions.get(EXTENSION)
    if not isinstance(state, State):
        raise NotInitialisedError(
            "Flask-TapAuth does not know this app: call TapAuth.init_app(app), and see "
            "that the code runs in the app where you called it"
        )
    return state
