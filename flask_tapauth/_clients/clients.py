"""Register, change and delete clients, for commands and for Python code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from .. import signals
from .._base import secrets as _secrets
from .._base.ids import HasClientId
from .._store import Store
from ..errors import RegistrationError, UnknownClientError
from ..models import ClientMixin
from .argument_checks import ArgumentChecks
from .changes import fit_changes, keep_previous_secret
from .column_names import check_column_names
from .consistency import check_not_expired
from .credentials import is_client_id
from .import_checks import check_file
from .new_client import check_new_client
from .registration import Registration


class RegisteredClient(NamedTuple):
    """A client and its new secret, which can be read here and never again."""

    client_id: str
    client_secret: str | None
    client: ClientMixin

    def __repr__(self) -> str:
        return f"<RegisteredClient {self.client_id!r}>"


class Clients:
    """The clients of one app.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, checks: ArgumentChecks, store: Store, sender: object) -> None:
        self._checks = checks
        self._store = store
        self._sender = sender

    def get(
        self,
        client: str | HasClientId,
        check: Callable[[ClientMixin], object] = lambda record: None,
    ) -> ClientMixin:
        """Return a client's record as the database has it now.

        The record is read in a new transaction, and the session's copy is refreshed: a
        change based on an old copy would undo the changes of other processes.

        :param check: raises if what is asked for is refused. It is called before the
            host's pending work is committed for the new transaction.
        :raises UnknownClientError: there is no client with this id.
        """
        client_id = getattr(client, "client_id", client)
        found = None
        if isinstance(client_id, str) and is_client_id(client_id):
            clients = self._store.clients
            found = clients.look_up(client_id)
            if found is not None:
                check(found)
            if found is not None or clients.is_committed(client_id):
                found = clients.find_in_new_transaction(client_id)
        if found is None:
            raise UnknownClientError(f"there is no client {client_id!r}")
        return found

    def host_columns(self, client: ClientMixin) -> dict[str, Any]:
        """Return the values of the columns that the host's model adds."""
        names = self._store.client_columns.of_host
        return {name: getattr(client, name) for name in names}

    def list(self) -> Sequence[ClientMixin]:
        return self._store.clients.list()

    def register(self, registration: Registration) -> RegisteredClient:
        """Check and store a new client."""
        check_column_names(registration.columns, self._store)
        new = check_new_client(self._checks, registration)
        check_not_expired(new.columns["secret_expires_at"])
        client = self._store.clients.insert(new.hashed())
        signals.client_registered.send(self._sender, client=client)
        return RegisteredClient(client.client_id, new.secret, client)

    def import_many(
        self,
        lines: Iterable[bytes],
        progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> Sequence[RegisteredClient]:
        """Check and store the clients of a JSON file: all of them, or none.

        :param progress: wraps the clients while their secrets are hashed, to show a
            progress bar: a chosen secret takes a tenth of a second.
        :returns: the clients in the order of the file; a secret only if it is new.
        :raises ImportRefusedError: some lines are wrong.
        """
        checked = check_file(lines, self._checks, self._store)
        rows = {number: new.hashed() for number, new in progress([*checked.items()])}
        self._store.clients.insert_many(rows)
        clients = self._store.clients.find_many(
            [new.client_id for new in checked.values()]
        )
        for client in clients:
            signals.client_registered.send(self._sender, client=client)
        return [
            RegisteredClient(new.client_id, new.generated_secret, client)
            for new, client in zip(checked.values(), clients, strict=True)
        ]

    def update(self, client: str | HasClientId, **changes: Any) -> ClientMixin:
        """Change a client's registration.

        :param changes: arguments of ``register_client`` with their new values.
        """
        values = self._checks.check(changes)
        if "secret_expires_at" in values:
            check_not_expired(values["secret_expires_at"])
        if values.get("is_resource_server") is False:
            # Only resource servers have a resource; naming one is still an error.
            values.setdefault("resource_uri", None)
        return self._change(client, lambda record: fit_changes(values, record))

    def rotate_secret(
        self,
        client: str | HasClientId,
        grace: int,
        secret_expires_at: datetime | None,
    ) -> RegisteredClient:
        """Give a client a new secret.

        :param grace: seconds for which the old secret works, unless it expires before.
        """
        if type(grace) is not int or not 0 <= grace < 2**31:
            raise RegistrationError(
                "the grace time must be from 0 to 2147483647 seconds; give a whole "
                "number such as 3600",
                "grace",
            )
        expires = self._checks.check({"secret_expires_at": secret_expires_at})
        check_not_expired(expires["secret_expires_at"])
        secret = _secrets.generate("client_secret")
        new = {**expires, "secret_hash": _secrets.hash_secret(secret)}
        record = self._change(
            client, lambda record: {**new, **keep_previous_secret(record, grace)}
        )
        return RegisteredClient(record.client_id, secret, record)

    def disable(self, client: str | HasClientId) -> ClientMixin:
        """Refuse a client and its tokens until it is enabled again."""
        # A disabled client is written again, with its first date: another process may
        # have missed the first announcement.
        now = int(time.time())
        return self._change(
            client, lambda record: {"disabled_at": record.disabled_at or now}
        )

    def enable(self, client: str | HasClientId) -> ClientMixin:
        return self._change(client, lambda record: {"disabled_at": None})

    def _change(
        self,
        client: str | HasClientId,
        values: Callable[[ClientMixin], dict[str, Any]],
    ) -> ClientMixin:
        """Write columns of a client.

        :param values: returns them for a record, or raises if the change is refused.
        """
        record = self.get(client, check=values)
        self._store.clients.update(record, values(record))
        return record

    def delete(self, client: str | HasClientId) -> None:
        self._store.clients.delete(self.get(client))
