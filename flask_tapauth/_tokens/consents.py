"""``tapauth.consents`` and ``tapauth.users``: what users allowed, and its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .. import signals
from .._base.ids import HasClientId, check_user_id
from .._store import Store
from .._store.consents import StoredConsent
from .._store.events import Event
from ..models import ClientMixin
from .revoker import Revoker


class Withdrawn(NamedTuple):
    """How many consents and active tokens of a user were ended.

    A family of refresh tokens counts as one.
    """

    consents: int
    tokens: int


class Consents:
    """The remembered consents of the current app.

    :param get_client: returns the record of a client, or raises `UnknownClientError`.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        store: Store,
        get_client: Callable[[str | HasClientId], ClientMixin],
        revoker: Revoker,
        sender: object,
    ) -> None:
        self._store = store
        self._get_client = get_client
        self._revoker = revoker
        self._sender = sender

    def list(
        self,
        *,
        user_id: str | int | None = None,
        client: str | HasClientId | None = None,
    ) -> Sequence[StoredConsent]:
        """Return remembered consents, the oldest first.

        :param user_id: only consents that this user gave.
        :param client: only consents for this client.
        :raises UnknownClientError: there is no such client.
        """
        if user_id is not None:
            user_id = check_user_id(user_id)
        record = None if client is None else self._get_client(client)
        return self._store.consents.list(user_id, record)

    def revoke(
        self, user_id: str | int, *, client: str | HasClientId | None = None
    ) -> Withdrawn:
        """Delete the consents of a user, revoke the tokens, and commit ``db.session``.

        :param client: only those for this client.
        :raises UnknownClientError: there is no such client.
        """
        user_id = check_user_id(user_id)
        record = None if client is None else self._get_client(client)
        return self.end(user_id, record, "consent")

    def end(
        self,
        user_id: str,
        client: ClientMixin | None,
        reason: str,
        completed: Event | None = None,
    ) -> Withdrawn:
        """Delete consents, and revoke the tokens that came of them and of others.

        :param reason: ``consent`` if it was taken back, ``person`` if the user is gone.
        :param completed: an event that is stored with the end of the tokens.
        """
        event = self._store.events.make(
            signals.consent_revoked.name,
            client_id=None if client is None else client.client_id,
            user_id=user_id,
            reason=reason,
        )
        # Consents first: a client could get a new token by one in between.
        consents = self._store.consents.delete(user_id, client, event)
        if consents:
            signals.consent_revoked.send(
                self._sender, user_id=user_id, client=client, count=consents
            )
        tokens = self._revoker.revoke_all(client, user_id, reason, completed)
        return Withdrawn(consents, tokens)


class Users:
    """What a host does with its users, apart from storing them itself."""

    def __init__(self, consents: Consents, store: Store, sender: object) -> None:
        self._consents = consents
        self._store = store
        self._sender = sender

    def forget(self, user_id: str | int) -> Withdrawn:
        """End a user's tokens and consents for good, and commit ``db.session``.

        Call it when you delete an account. Your database may give its id to another
        user, who would get what the former user allowed.

        :param user_id: what `get_id()` or `id` returns. An integer counts as its
            digits; give an id of another type as ``str(user.id)``.
        :raises RegistrationError: no user has such an id.
        """
        user_id = check_user_id(user_id)
        event = self._store.events.make(signals.user_forgotten.name, user_id=user_id)
        ended = self._consents.end(user_id, None, "person", completed=event)
        signals.user_forgotten.send(self._sender, user_id=user_id)
        return ended
