"""An OAuth 2.0 authorization server and token guard for Flask apps."""

from importlib.metadata import version as _version

from . import signals as signals
from ._clients.registered_client import RegisteredClient
from ._extension import TapAuth
from ._resource.guard import current_token, require_token, verify_token
from ._tokens.token import AccessToken, TokenResponse
from .errors import (
    ConfigError,
    NotInitialisedError,
    RegistrationError,
    TapAuthError,
    TemporarilyUnavailableError,
    UnknownClientError,
)
from .models import ClientMixin, TokenMixin

__version__ = _version("Flask-TapAuth")

__all__ = [
    "AccessToken",
    "ClientMixin",
    "ConfigError",
    "NotInitialisedError",
    "RegisteredClient",
    "RegistrationError",
    "TapAuth",
    "TapAuthError",
    "TemporarilyUnavailableError",
    "TokenMixin",
    "TokenResponse",
    "UnknownClientError",
    "current_token",
    "require_token",
    "signals",
    "verify_token",
]
