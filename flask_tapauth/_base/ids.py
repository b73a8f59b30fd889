"""The ids of clients and users."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import RegistrationError, UnknownClientError
from .parameters import check_text

MAX_NAME = 255
"""Characters of a client's id and name, and of a user's id."""


class HasClientId(Protocol):
    """An object with a client's id: a client's record or a ``RegisteredClient``."""

    @property
    def client_id(self) -> str: ...


def client_id_of(client: str | HasClientId) -> str:
    """Return the id of a client that is given as its id or its record.

    :raises UnknownClientError: it is neither.
    """
    client_id = getattr(client, "client_id", client)
    if not isinstance(client_id, str):
        raise UnknownClientError(
            f"{client!r} is not a client; give a client's id or its record"
        )
    return client_id


def check_user_id(user_id: Any) -> str:
    """Return a user's id as text, if it can be stored; integers become digits."""
    if type(user_id) is int:
        user_id = str(user_id)
    if user_id is not None and not isinstance(user_id, str):
        raise RegistrationError(
            f"a user's id is a string or an integer, not a {type(user_id).__name__}; "
            "give str(user.id)",
            "user_id",
        )
    if not user_id or len(user_id) > MAX_NAME:
        raise RegistrationError(
            f"a user's id is a string of 1 to {MAX_NAME} characters, or an integer",
            "user_id",
        )
    try:
        return check_text(user_id)
    except ValueError as error:
        raise RegistrationError(str(error), "user_id") from None
