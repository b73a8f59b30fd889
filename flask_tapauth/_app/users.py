"""Forget users whose accounts the host deletes."""

from __future__ import annotations

from .._tokens.tokens import Forgotten
from .app_state import get_app_state


class Users:
    """``tapauth.users``: what to do when the host deletes a user."""

    def forget(self, user_id: str | int) -> Forgotten:
        """End a user's tokens and grants, and delete the user's consents.

        Call it when you delete an account: the database may give the same id to
        somebody else, whom clients would then act for. It commits ``db.session``.

        :param user_id: the user's `get_id()` or `id`, as a string or an integer.
        :returns: the numbers of consents and of active tokens; a token family counts as
            one.
        :raises RegistrationError: this cannot be the id of a user.
        """
        return get_app_state().tokens.forget(user_id)
