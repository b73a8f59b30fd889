"""What one app has of Flask-TapAuth, found where Flask keeps such things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from flask import Flask, current_app

from ._clients import Clients
from ._config import Config
from ._issuer import Issuer
from ._store import Store
from .errors import ConfigError, NotInitialisedError

EXTENSION = "tapauth"


@dataclass(slots=True)
class Hooks:
    """What the host told the extension to call; None where it said nothing."""

    user_loader: Callable[[str], Any] | None = None
    error_renderer: Callable[[OAuth2Error], Any] | None = None

    def load_user(self, user_id: str) -> Any:
        """Return the host's user.

        :raises ConfigError: the host gave no user loader.
        """
        if self.user_loader is None:
            raise ConfigError("TapAuth: give it a user loader, by @tapauth.user_loader")
        return self.user_loader(user_id)


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
