"""Clients whose id is the URL of a document about themselves.

A person is asked about what the document says now. What they allow goes into a row, as
for other clients: the row says what the document said when a person last allowed it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from .. import signals
from .._base.config import Config
from .._store import Store
from ..errors import ClientDocumentError, ConfigError, RegistrationError
from ..models import ClientMixin
from .argument_checks import ArgumentChecks
from .document import is_document_url
from .documents import Documents

_EVENT_REASON: Final = "document"
_UNUSED: Final = dict.fromkeys(
    (
        "id",
        "secret_hash",
        "secret_expires_at",
        "previous_secret_hash",
        "previous_secret_expires_at",
        "previous_secret_used_at",
        "access_token_expires_in",
        "resource_uri",
        "disabled_at",
        "last_used_at",
    )
)
_DEFAULTS: Final = {
    "is_resource_server": False,
    "skip_consent": False,
    "keeps_refresh_token": False,
}


class DescribedClient(ClientMixin):
    """A client as its document describes it now, where no row says the same.

    :param record: the client's row, if it has one.
    """

    def __init__(
        self, client_id: str, values: Mapping[str, Any], record: ClientMixin | None
    ) -> None:
        self.values = values
        self.record = record
        columns = {**_UNUSED, **_DEFAULTS, "allowed_networks": (), **values}
        for name, value in {**columns, "client_id": client_id}.items():
            setattr(self, name, value)


class DocumentClients:
    """The clients of one app that are URLs.

    :param sender: the Flask app, for signals.
    """

    def __init__(
        self, config: Config, checks: ArgumentChecks, store: Store, sender: object
    ) -> None:
        accepted = config.client_id_metadata
        self._accepts_all = accepted is True
        self._hosts = () if isinstance(accepted, bool) else accepted
        self._scopes = tuple(config.scopes or ())
        self._store = store
        self._sender = sender
        self._documents = Documents(checks)

    def is_stranger(self, client: object) -> bool:
        """Tell whether nobody allowed a client yet, and no setting has its host."""
        return (
            self._accepts_all
            and isinstance(client, DescribedClient)
            and client.record is None
        )

    def accepts(self, client_id: str | None) -> bool:
        """Tell whether a client id is a URL that the settings accept."""
        if not (self._accepts_all or self._hosts) or client_id is None:
            return False
        return is_document_url(client_id) and (
            self._accepts_all or urlsplit(client_id).netloc in self._hosts
        )

    def is_refused(self, record: ClientMixin) -> bool:
        """Tell whether a client with a row is a URL that the settings do not accept."""
        return _is_of_document(record) and not self.accepts(record.client_id)

    def find(self, client_id: str, record: ClientMixin | None) -> ClientMixin | None:
        """Return the client that asks a person for something.

        :param record: its row, if it has one.
        :returns: the row if the document says the same, or what the document says; a
            client that is no such URL unchanged.
        :raises ClientDocumentError: the document cannot be used.
        """
        if not self.accepts(client_id):
            return record
        if record is not None and (record.is_disabled or not _is_of_document(record)):
            return record
        values = {**self._documents.get(client_id), "scopes": self._scopes}
        if record is not None and all(
            getattr(record, name) == value for name, value in values.items()
        ):
            return record
        return DescribedClient(client_id, values, record)

    def with_current_keys(self, record: ClientMixin) -> ClientMixin:
        """Return a client that signs with the keys that its document has now.

        :returns: its row if the document cannot be fetched, or if it has none.
        """
        if not (_is_of_document(record) and self.accepts(record.client_id)):
            return record
        try:
            columns = self._documents.get(record.client_id)
        except ClientDocumentError:
            return record
        return DescribedClient(record.client_id, columns, record)

    def keep(self, client: ClientMixin) -> ClientMixin:
        """Return the row of a client that a person has just allowed.

        :raises ConfigError: the host's client model cannot store it.
        """
        if not isinstance(client, DescribedClient):
            return client
        client_id, record = client.client_id, client.record
        signal = signals.client_registered if record is None else signals.client_updated
        event = self._store.events.make(
            signal.name, client_id=client_id, reason=_EVENT_REASON
        )
        fault: RegistrationError | None = None
        try:
            if record is None:
                self._store.clients.insert(self._new_row(client), event)
            else:
                self._store.clients.follow_document(record, client.values, event)
        except RegistrationError as error:
            fault = error  # unless another request has just stored it
        stored = self._store.clients.look_up(client_id)
        if stored is None:
            raise ConfigError(
                f"TapAuth: the client {client_id!r} cannot be stored ({fault}); give "
                "the columns of your client model defaults"
            )
        if fault is None:
            signal.send(self._sender, client=stored)
        return stored

    @staticmethod
    def _new_row(client: DescribedClient) -> dict[str, Any]:
        return {
            "client_id": client.client_id,
            "created_at": int(time.time()),
            **_DEFAULTS,
            **client.values,
        }


def _is_of_document(record: ClientMixin) -> bool:
    """Tell whether a row came from a document: no such client has a secret."""
    return record.document_host is not None and record.secret_hash is None
