"""Resource owners: the host's users, as far as the extension meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from ._columns import MAX_NAME
from .errors import ConfigError

_NAMES = ("display_name", "name", "full_name", "username", "email")


@dataclass(slots=True)
class People:
    """How to find users; where the host said nothing, Flask-Login is asked."""

    user_loader: Callable[[str], Any] | None = None
    current_user_loader: Callable[[], Any] | None = None

    def load(self, user_id: str) -> Any:
        """Return the user of an id.

        :raises ConfigError: nobody said how.
        """
        load = self._loader()
        if load is None:
            raise ConfigError("TapAuth: give it a user loader, by @tapauth.user_loader")
        return load(user_id)

    def find(self, user_id: str | None) -> Any:
        """Return the user of an id; None where nobody said how, or there is none."""
        load = self._loader()
        return None if user_id is None or load is None else load(user_id)

    def may_go_on(self, user_id: str | None) -> bool:
        """Tell whether tokens may be renewed for a person: who is gone, or not active
        as Flask-Login has it, gets none. Where nobody said how to find people, their
        tokens have to be revoked."""
        if user_id is None or self._loader() is None:
            return True
        user = self.find(user_id)
        return user is not None and bool(getattr(user, "is_active", True))

    def _loader(self) -> Callable[[str], Any] | None:
        return self.user_loader or getattr(_login_manager(), "_user_callback", None)

    def current(self) -> Any:
        """Return the user who is signed in, or None.

        :raises ConfigError: nobody said how to find out.
        """
        if self.current_user_loader is not None:
            return self.current_user_loader()
        if _login_manager() is None:
            raise ConfigError(
                "TapAuth: say who is signed in, by @tapauth.current_user_loader or "
                "with Flask-Login"
            )
        from flask_login import current_user

        # Nobody is somebody to Flask-Login: an object, and true.
        signed_in = current_user.is_authenticated
        return current_user._get_current_object() if signed_in else None

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
        if user_id is None or not 0 < len(str(user_id)) <= MAX_NAME:
            raise ConfigError(
                f"TapAuth: a user needs get_id() or id, of 1 to {MAX_NAME} characters"
            )
        return str(user_id)

    @staticmethod
    def name_of(user: Any) -> str | None:
        """Return what a person will know an account by, where it says so."""
        names = (getattr(user, name, None) for name in _NAMES)
        return next((str(name) for name in names if name), None)


def _login_manager() -> Any:
    return getattr(current_app, "login_manager", None)
