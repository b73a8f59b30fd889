"""Find users, by the functions that the host registered or by Flask-Login."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g
from werkzeug.local import LocalProxy

from .._base.ids import check_user_id
from ..errors import ConfigError, RegistrationError

_LOADED_FROM_REQUEST = "_tapauth_user_loaded_from_request"
_NOT_PLAIN = (
    "TapAuth: {} is a coroutine function or a generator; write it with def, and return "
    "the result"
)
_OTHER_FUNCTIONS = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)
_OTHER_RESULTS = (inspect.isawaitable, inspect.isgenerator, inspect.isasyncgen)
_NAMES = ("display_name", "name", "full_name", "username", "email")


@dataclass(slots=True)
class UserLookup:
    """Finds users by the registered functions, or else by Flask-Login.

    :raises ConfigError: in its methods, if both are missing or return no usable user.
    """

    user_loader: Callable[[str], Any] | None = None
    current_user_loader: Callable[[], Any] | None = None

    def load(self, user_id: str) -> Any:
        """Return the user with an id, or None."""
        load = self._loader()
        if load is None:
            raise ConfigError(
                "TapAuth: there is no user loader; register one with "
                "@tapauth.user_loader"
            )
        return _check_user(load(user_id), "user_loader")

    def find(self, user_id: str | None) -> Any:
        """Return the user with an id; None if there is no such user or no loader."""
        return None if user_id is None or self._loader() is None else self.load(user_id)

    def may_go_on(self, user_id: str | None) -> bool:
        """Tell whether a user's tokens may be refreshed: the user exists and is active.

        Without a user loader they may be, until somebody revokes them.
        """
        if user_id is None or self._loader() is None:
            return True
        user = self.find(user_id)
        return user is not None and self.is_active(user)

    @staticmethod
    def is_active(user: Any) -> bool:
        """Tell whether a user's `is_active` is true or missing, as in Flask-Login."""
        return _read_flag(user, "is_active")

    def _loader(self) -> Callable[[str], Any] | None:
        return self.user_loader or getattr(_login_manager(), "_user_callback", None)

    def current(self) -> Any:
        """Return the signed-in user, or None."""
        user = _check_user(self._load_current(), "current_user_loader")
        # Flask-Login's request_loader reads credentials from the request, such as an
        # access token. Nobody has signed in.
        if user is None or g.get(_LOADED_FROM_REQUEST) is user:
            return None
        # Flask-Login's anonymous user is an object too.
        return user if _read_flag(user, "is_authenticated") else None

    def _load_current(self) -> Any:
        if self.current_user_loader is not None:
            return self.current_user_loader()
        if _login_manager() is None:
            raise ConfigError(
                "TapAuth: nothing tells who is signed in; register a function with "
                "@tapauth.current_user_loader, or set up Flask-Login"
            )
        from flask_login import current_user

        return current_user

    def login_view(self, configured: str | None) -> str:
        """Return the endpoint where people sign in, from our setting or Flask-Login."""
        view = configured or getattr(_login_manager(), "login_view", None)
        if not view:
            raise ConfigError(
                "TapAuth: TAPAUTH_LOGIN_VIEW is not set; set it to the endpoint where "
                "people sign in"
            )
        return str(view)

    @staticmethod
    def id_of(user: Any) -> str:
        """Return the id that a user's tokens are stored with."""
        get_id = getattr(user, "get_id", None)
        user_id = get_id() if callable(get_id) else getattr(user, "id", None)
        if isinstance(user_id, UUID):
            user_id = str(user_id)
        try:
            return check_user_id(_check_is_plain_result(user_id, "get_id"))
        except RegistrationError as error:
            raise ConfigError(
                f"TapAuth: a user needs get_id() or id: {error.reason}"
            ) from None

    @staticmethod
    def name_of(user: Any) -> str | None:
        """Return the name to show for a user; None if the user has none."""
        names = (getattr(user, name, None) for name in _NAMES)
        return next((str(name) for name in names if name), None)


def track_request_loaders(app: Flask) -> None:
    """Note which users Flask-Login's ``request_loader`` finds in requests."""
    try:
        from flask_login import user_loaded_from_request
    except ImportError:
        return
    user_loaded_from_request.connect(_note_loaded_user, app)


def _note_loaded_user(app: Flask, user: Any, **_: Any) -> None:
    # On `g`, where Flask-Login keeps the user, so that both are dropped together.
    setattr(g, _LOADED_FROM_REQUEST, user)


def check_is_plain_function(function: Callable[..., Any], name: str) -> None:
    """:raises ConfigError: a call of the function does not return its result."""
    if any(is_other(function) for is_other in _OTHER_FUNCTIONS):
        raise ConfigError(_NOT_PLAIN.format(name))


def _check_is_plain_result(value: Any, name: str) -> Any:
    # Otherwise a coroutine or a generator would pass for a user, and for true.
    if any(is_other(value) for is_other in _OTHER_RESULTS):
        if inspect.iscoroutine(value):
            value.close()  # Python would warn that it was never awaited
        raise ConfigError(_NOT_PLAIN.format(name))
    return value


def _check_user(value: Any, loader: str) -> Any:
    """Return the user that a loader returned; None for every false value."""
    if isinstance(value, LocalProxy):  # such as Flask-Login's current_user
        value = value._get_current_object()
    return _check_is_plain_result(value, loader) or None


def _read_flag(user: Any, name: str) -> bool:
    """Return a user's attribute, property or method; true if there is none."""
    value = getattr(user, name, True)
    value = _check_is_plain_result(value() if callable(value) else value, name)
    if isinstance(value, str):  # the text "false" would count as true
        raise ConfigError(f"TapAuth: a user's {name} is {value!r}; give True or False")
    return bool(value)


def _login_manager() -> Any:
    return getattr(current_app, "login_manager", None)
