"""Find resource owners, by the host's loaders or by Flask-Login."""

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

_LOADED_FROM_REQUEST = "_tapauth_user_by_request"
_NOT_AWAITED = (
    "TapAuth: {} is a coroutine function or a generator; write it with def, and return "
    "what it finds"
)
_NOT_PLAIN = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)
_NOT_RESULTS = (inspect.isawaitable, inspect.isgenerator, inspect.isasyncgen)
_NAMES = ("display_name", "name", "full_name", "username", "email")


@dataclass(slots=True)
class UserLookup:
    """Finds users by the host's loaders, or else by Flask-Login."""

    user_loader: Callable[[str], Any] | None = None
    current_user_loader: Callable[[], Any] | None = None

    def load(self, user_id: str) -> Any:
        """Return the user of an id, or None.

        :raises ConfigError: nobody said how, or the loader returned no person.
        """
        load = self._loader()
        if load is None:
            raise ConfigError("TapAuth: give it a user loader, by @tapauth.user_loader")
        return _person(load(user_id), "user_loader")

    def find(self, user_id: str | None) -> Any:
        """Return the user of an id; None where nobody said how, or there is none.

        :raises ConfigError: the loader returned no person.
        """
        return None if user_id is None or self._loader() is None else self.load(user_id)

    def may_go_on(self, user_id: str | None) -> bool:
        """Tell whether tokens may be renewed for a person. A person who is gone, or not
        active, gets none. Where nobody said how to find people, their tokens have to be
        revoked."""
        if user_id is None or self._loader() is None:
            return True
        user = self.find(user_id)
        return user is not None and self.is_active(user)

    @staticmethod
    def is_active(user: Any) -> bool:
        """Tell whether an account is in use, as Flask-Login has it; one that does not
        say is."""
        return _read_flag(user, "is_active", True)

    def _loader(self) -> Callable[[str], Any] | None:
        return self.user_loader or getattr(_login_manager(), "_user_callback", None)

    def current(self) -> Any:
        """Return the user who is signed in, or None.

        :raises ConfigError: nobody said how to find out, or a loader returned no
            person.
        """
        person = _person(self._current_loader()(), "current_user_loader")
        # Nobody is somebody to Flask-Login: an object, and true. A request_loader of
        # its takes tokens, and what they are for it does not say.
        if person is None or g.get(_LOADED_FROM_REQUEST) is person:
            return None
        return person if _read_flag(person, "is_authenticated", True) else None

    def _current_loader(self) -> Callable[[], Any]:
        if self.current_user_loader is not None:
            return self.current_user_loader
        if _login_manager() is None:
            raise ConfigError(
                "TapAuth: say who is signed in, by @tapauth.current_user_loader or "
                "with Flask-Login"
            )
        from flask_login import current_user

        return lambda: current_user

    def login_view(self, configured: str | None) -> str:
        """Return the endpoint where people sign in.

        :raises ConfigError: there is none.
        """
        view = configured or getattr(_login_manager(), "login_view", None)
        if not view:
            raise ConfigError("TapAuth: set TAPAUTH_LOGIN_VIEW to where people sign in")
        return str(view)

    @staticmethod
    def id_of(user: Any) -> str:
        """Return the id under which a user's tokens are stored.

        :raises ConfigError: the user has none that fits.
        """
        get_id = getattr(user, "get_id", None)
        user_id = get_id() if callable(get_id) else getattr(user, "id", None)
        if isinstance(user_id, UUID):
            user_id = str(user_id)
        try:
            return check_user_id(_check_is_plain_value(user_id, "get_id"))
        except RegistrationError as error:
            raise ConfigError(
                f"TapAuth: a user needs get_id() or id: {error.reason}"
            ) from None

    @staticmethod
    def name_of(user: Any) -> str | None:
        """Return what a person will know an account by, where it says so."""
        names = (getattr(user, name, None) for name in _NAMES)
        return next((str(name) for name in names if name), None)


def track_request_loaders(app: Flask) -> None:
    """Have :meth:`UserLookup.current` know people whom Flask-Login's ``request_loader``
    found: by a header of the request, and not by signing in."""
    try:
        from flask_login import user_loaded_from_request
    except ImportError:
        return
    user_loaded_from_request.connect(_remember_loaded_user, app)


def _remember_loaded_user(app: Flask, user: Any, **_: Any) -> None:
    # Beside the user that Flask-Login keeps, so that both last equally long.
    setattr(g, _LOADED_FROM_REQUEST, user)


def check_is_plain_function(function: Callable[..., Any], name: str) -> None:
    """:raises ConfigError: the function has no result when it is called."""
    if any(is_other(function) for is_other in _NOT_PLAIN):
        raise ConfigError(_NOT_AWAITED.format(name))


def _check_is_plain_value(value: Any, name: str) -> Any:
    if any(is_other(value) for is_other in _NOT_RESULTS):
        if inspect.iscoroutine(value):
            value.close()  # Python would warn that nobody awaited it
        raise ConfigError(_NOT_AWAITED.format(name))
    return value


def _person(value: Any, name: str) -> Any:
    """Return the person that a loader returned; what is false is nobody.

    A coroutine or a generator is true, and would pass for a person.
    """
    if isinstance(value, LocalProxy):  # such as Flask-Login's current_user
        value = value._get_current_object()
    return _check_is_plain_value(value, name) or None


def _read_flag(user: Any, name: str, default: bool) -> bool:
    """Return what an account says of itself, by a property or a method.

    A method that nobody calls is true, and so are a coroutine and the text "false".
    """
    said = getattr(user, name, default)
    said = _check_is_plain_value(said() if callable(said) else said, name)
    if isinstance(said, str):
        raise ConfigError(f"TapAuth: a user's {name} is {said!r}; give True or False")
    return bool(said)


def _login_manager() -> Any:
    return getattr(current_app, "login_manager", None)
