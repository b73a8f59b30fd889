"""The functions that a host registers on ``TapAuth``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error

from ._app.people import UserLookup, check_is_plain_function
from ._base import hooks

UserLoader = TypeVar("UserLoader", bound=Callable[[str], Any])
CurrentUserLoader = TypeVar("CurrentUserLoader", bound=Callable[[], Any])
ClaimsLoader = TypeVar("ClaimsLoader", bound=hooks.ClaimsLoader)
OperatorCheck = TypeVar("OperatorCheck", bound=Callable[[], bool])
ErrorRenderer = TypeVar("ErrorRenderer", bound=Callable[[OAuth2Error], Any])


class HostFunctions:
    """Each method is a decorator that returns the function as it is."""

    def __init__(self) -> None:
        self._people = UserLookup()
        self._hooks = hooks.Hooks()

    def user_loader(self, load: UserLoader) -> UserLoader:
        """Register the function that loads a user by id, for ``current_token.user``.

        :param load: takes the id, a string, and returns the user or None. Pages show
            the first of the user's `display_name`, `name`, `full_name`, `username` and
            `email`.
        """
        check_is_plain_function(load, "user_loader")
        self._people.user_loader = load
        return load

    def current_user_loader(self, load: CurrentUserLoader) -> CurrentUserLoader:
        """Register the function that returns the signed-in user, or None.

        An app with Flask-Login needs neither this function nor :meth:`user_loader`.

        :param load: takes nothing. The user has `get_id()` or `id`, of 1 to 255
            characters.
        """
        check_is_plain_function(load, "current_user_loader")
        self._people.current_user_loader = load
        return load

    def error_renderer(self, render: ErrorRenderer) -> ErrorRenderer:
        """Register the function that makes the body of a protected view's error.

        :param render: takes the ``OAuth2Error``, with `error`, `description` and
            `status_code`, and returns a body as a view would. It changes neither the
            status and headers, nor the errors of the OAuth endpoints.
        """
        check_is_plain_function(render, "error_renderer")
        self._hooks.error_renderer = render
        return render

    def operator(self, check: OperatorCheck) -> OperatorCheck:
        """Register the function that tells who may use the operators' pages.

        Without it, these pages do not exist. The pages ask it about people who are
        signed in.

        :param check: takes nothing and returns True or False.
        """
        check_is_plain_function(check, "operator")
        self._hooks.operator = check
        return check

    def claims_loader(self, load: ClaimsLoader) -> ClaimsLoader:
        """Register the function that adds claims to JWTs and to introspection.

        :param load: takes the client, the user (None if the token has no user, or the
            user is not found) and the scopes; returns a dict that JSON can represent.
            Standard claims, such as the issuer and the times, cannot be replaced.
        """
        check_is_plain_function(load, "claims_loader")
        self._hooks.claims_loader = load
        return load
