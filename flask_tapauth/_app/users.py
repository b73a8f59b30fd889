"""Resource owners, as the host manages them: ``tapauth.users``."""

from __future__ import annotations

from .._tokens.tokens import Forgotten
from .app_state import get_app_state


class Users:
    """What a host does with its users, beside storing them itself."""

    def forget(self, user_id: str | int) -> Forgotten:
        """End all tokens and grants of a person and delete their consents, in the
        current app, and commit ``db.session``.

        Call it where an account is deleted: the database may give its number to
        somebody else, who would get what the former owner allowed.

        :param user_id: what `get_id()` or `id` says; an integer counts as its digits,
            and an id of another kind is given as text, by `str(user.id)`.
        :returns: how many consents and living tokens there were, a family of refresh
            tokens counting as one.
        :raises RegistrationError: no user has such an id.
        """
        return get_app_state().tokens.forget(user_id)
