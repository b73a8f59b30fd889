"""Find and list clients: the part of ``tapauth.clients`` that changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import get_args

from .._base.ids import HasClientId, client_id_of
from .._base.list_arguments import check_choice, check_limit, check_period
from .._base.parameters import check_text
from .._store import Store
from ..errors import UnknownClientError
from ..models import ClientMixin
from .credentials import is_client_id
from .state import ClientKind, ClientState


class ClientReader:
    """Finds the clients of one app."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, client: str | HasClientId) -> ClientMixin:
        """Return a client's record, and commit nothing.

        :raises UnknownClientError: there is no such client.
        """
        client_id = client_id_of(client)
        found = None
        if is_client_id(client_id):
            found = self._store.clients.look_up(client_id)
        if found is None:
            raise UnknownClientError(f"there is no client {client_id!r}")
        return found

    def get_to_change(
        self,
        client: str | HasClientId,
        check: Callable[[ClientMixin], object] = lambda record: None,
    ) -> ClientMixin:
        """Return a client's record as the database has it now, in a new transaction.

        A change based on the session's old copy would undo the changes of other
        processes. The host's pending work is committed.

        :param check: raises if what is asked for is refused. It is called before the
            host's work is committed.
        """
        client_id, clients = client_id_of(client), self._store.clients
        found = None
        if is_client_id(client_id):
            found = clients.look_up(client_id)
            if found is not None:
                check(found)
            if found is not None or clients.is_committed(client_id):
                found = clients.find_in_new_transaction(client_id)
        if found is None:
            raise UnknownClientError(f"there is no client {client_id!r}")
        return found

    def list(
        self,
        *,
        state: ClientState | None = None,
        kind: ClientKind | None = None,
        expiring: int | timedelta | None = None,
        unused: int | timedelta | None = None,
        search: str | None = None,
        after: str | HasClientId | None = None,
        limit: int | None = None,
    ) -> Sequence[ClientMixin]:
        """Return clients, the oldest first.

        :param state: only clients in this state.
        :param kind: only clients of this kind: those that an operator registered, or
            those that are the URL of a document about themselves.
        :param expiring: only clients whose secret expires within this time, or has
            expired; in seconds or as a timedelta.
        :param unused: only clients that got no token and used none for this time, and
            were registered before.
        :param search: only clients whose id begins so, or whose name has it; most
            databases distinguish upper and lower case.
        :param after: only clients that were registered after this one.
        :param limit: at most this many.
        :raises RegistrationError: an argument is wrong.
        :raises UnknownClientError: there is no client `after`.
        """
        if search is not None:
            try:
                check_text(search)
            except ValueError:
                return []  # no client is called so, and databases refuse to look
        now = int(time.time())
        if state is not None:
            check_choice("state", state, get_args(ClientState))
        if kind is not None:
            check_choice("kind", kind, get_args(ClientKind))
        if limit is not None:
            check_limit(limit)
        within = check_period("expiring", expiring)
        since = check_period("unused", unused)
        return self._store.clients.list(
            state=state,
            kind=kind,
            expires_before=None if within is None else now + within,
            unused_since=None if since is None else now - since,
            search=search,
            after=None if after is None else self.get(after),
            limit=limit,
        )
