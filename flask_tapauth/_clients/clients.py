"""``tapauth.clients``: register, change and delete clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from blinker import NamedSignal

from .. import signals
from .._base import secrets as _secrets
from .._base.ids import HasClientId
from .._store import Store
from .._store.events import Event
from ..models import ClientMixin
from .argument_checks import ArgumentChecks
from .changes import (
    check_changes,
    check_new_secret,
    fit_changes,
    keep_previous_secret,
)
from .column_names import ARGUMENTS, check_column_names
from .consistency import check_not_expired
from .import_checks import check_file
from .new_client import check_new_client
from .reading import ClientReader
from .registered_client import RegisteredClient
from .registration import Registration


class Clients(ClientReader):
    """The clients of the current app.

    A method takes a client as its id, its record, or what :meth:`create` returned. A
    method that changes something commits ``db.session``.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, checks: ArgumentChecks, store: Store, sender: object) -> None:
        super().__init__(store)
        self._checks = checks
        self._sender = sender

    def create(
        self,
        name: str,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        public: bool = False,
        grant_types: Iterable[str] = ("client_credentials",),
        scopes: str | Iterable[str] = (),
        redirect_uris: Iterable[str] = (),
        expires_in: int | timedelta | None = None,
        secret_expires_at: datetime | None = None,
        resource_server: bool = False,
        resource: str | None = None,
        skip_consent: bool = False,
        jwks: Mapping[str, Any] | str | bytes | None = None,
        jwks_uri: str | None = None,
        allowed_networks: Iterable[str] = (),
        keep_refresh_token: bool = False,
        **columns: Any,
    ) -> RegisteredClient:
        """Register a client.

        :param name: the name that people see.
        :param client_id: the client's identifier; generated if you leave it out.
        :param client_secret: a secret that you chose, of 16 characters or more. A
            generated secret is safer: leave it out.
        :param public: register a client without a secret (RFC 6749 §2.1).
        :param grant_types: the grant types that the client may use.
        :param scopes: the scopes that the client may ask for.
        :param redirect_uris: the URIs that users may be sent back to; a request must
            match one of them exactly.
        :param expires_in: lifetime of the client's access tokens, in seconds or as a
            timedelta; None takes the app's setting.
        :param secret_expires_at: when the client's secret and tokens stop working; in
            UTC unless it has a time zone.
        :param resource_server: let the client introspect the tokens of other clients.
        :param resource: the resource whose tokens the client introspects, an absolute
            URI; None is the app's first resource.
        :param skip_consent: do not ask users for consent, because the client is the
            host's own.
        :param jwks: the client's public keys, a JWK set as a dict or JSON. The client
            then signs assertions and has no secret (RFC 7523).
        :param jwks_uri: the https URL where the client publishes its keys, instead of
            `jwks`.
        :param allowed_networks: the networks in CIDR notation that the client and its
            tokens may be used from; none allow every network.
        :param keep_refresh_token: let the client use one refresh token again and again.
            Otherwise each refresh token is used once (RFC 9700 §4.14.2).
        :param columns: values of columns that the host's model adds.
        :returns: the client and its secret, readable here and never again.
        :raises RegistrationError: an argument is wrong, and nothing was written.
        """
        check_column_names(columns, self._store)
        new = check_new_client(
            self._checks,
            Registration(
                name=name,
                client_id=client_id,
                client_secret=client_secret,
                public=public,
                grant_types=grant_types,
                scopes=scopes,
                redirect_uris=redirect_uris,
                expires_in=expires_in,
                secret_expires_at=secret_expires_at,
                resource_server=resource_server,
                resource=resource,
                skip_consent=skip_consent,
                jwks=jwks,
                jwks_uri=jwks_uri,
                allowed_networks=allowed_networks,
                keep_refresh_token=keep_refresh_token,
                columns=columns,
            ),
        )
        check_not_expired(new.columns["secret_expires_at"])
        event = self._event(signals.client_registered, new.client_id)
        client = self._store.clients.insert(new.hashed(), event)
        signals.client_registered.send(self._sender, client=client)
        return RegisteredClient(client.client_id, new.secret, client)

    def update(self, client: str | HasClientId, **changes: Any) -> ClientMixin:
        """Change a client's registration.

        :param changes: arguments of :meth:`create` with their new values; None is the
            argument's default again. A client's id, secret and kind stay.
        :raises RegistrationError: a value is wrong, or there is nothing to change;
            nothing was written.
        """
        check_column_names(changes.keys() - ARGUMENTS, self._store)
        values = check_changes(self._checks, changes)
        return self._change(
            client,
            lambda record: fit_changes(values, record),
            signals.client_updated,
            " ".join(sorted(changes)),
        )

    def rotate_secret(
        self,
        client: str | HasClientId,
        *,
        grace: int | timedelta = 0,
        secret_expires_at: datetime | None = None,
    ) -> RegisteredClient:
        """Give a client a new secret.

        :param grace: how long the old secret works too, in seconds or as a timedelta.
        :param secret_expires_at: when the new secret stops working; None is never.
        :returns: the client and its new secret, readable here and never again.
        :raises RegistrationError: the client has no secret, or an argument is wrong.
        """
        seconds, new = check_new_secret(self._checks, grace, secret_expires_at)
        secret = _secrets.generate("client_secret")
        new["secret_hash"] = _secrets.hash_secret(secret)
        record = self._change(
            client,
            lambda record: {**new, **keep_previous_secret(record, seconds)},
            signals.secret_rotated,
        )
        return RegisteredClient(record.client_id, secret, record)

    def disable(self, client: str | HasClientId) -> ClientMixin:
        """Refuse a client and its tokens until it is enabled again."""
        # A disabled client is written again, with its first date: another process may
        # have missed the first announcement.
        now = int(time.time())
        return self._change(
            client,
            lambda record: {"disabled_at": record.disabled_at or now},
            signals.client_disabled,
        )

    def enable(self, client: str | HasClientId) -> ClientMixin:
        """Accept a disabled client and its tokens again."""
        return self._change(
            client, lambda record: {"disabled_at": None}, signals.client_enabled
        )

    def delete(self, client: str | HasClientId) -> None:
        """Delete a client and its tokens for good."""
        record = self.get_to_change(client)
        event = self._event(signals.client_deleted, record.client_id)
        self._store.clients.delete(record, event)
        signals.client_deleted.send(self._sender, client=record)

    def _change(
        self,
        client: str | HasClientId,
        values: Callable[[ClientMixin], dict[str, Any]],
        signal: NamedSignal,
        reason: str | None = None,
    ) -> ClientMixin:
        """Write columns of a client, and tell of it.

        :param values: returns them for a record, or raises if the change is refused.
        """
        record = self.get_to_change(client, check=values)
        event = self._event(signal, record.client_id, reason)
        self._store.clients.update(record, values(record), event)
        signal.send(self._sender, client=record)
        return record

    def _event(
        self, signal: NamedSignal, client_id: str, reason: str | None = None
    ) -> Event | None:
        return self._store.events.make(signal.name, client_id=client_id, reason=reason)

    def import_(
        self,
        lines: Iterable[bytes],
        progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> Sequence[RegisteredClient]:
        """Register the clients of a JSON file: all of them, or none.

        :param lines: a file that is open in binary mode: one JSON object per line, or
            the array that ``clients list --json`` prints.
        :param progress: wraps the clients while their secrets are hashed, to show a
            progress bar: a chosen secret takes a tenth of a second.
        :returns: the clients in the order of the file, with the secrets that were
            generated; the secret is None if the file has it, or the client has none.
        :raises ImportRefusedError: some lines are wrong.
        """
        checked = check_file(lines, self._checks, self._store)
        rows = {number: new.hashed() for number, new in progress([*checked.items()])}
        ids = [new.client_id for new in checked.values()]
        events = [self._event(signals.client_registered, i, "import") for i in ids]
        self._store.clients.insert_many(rows, events)
        clients = self._store.clients.find_many(ids)
        for client in clients:
            signals.client_registered.send(self._sender, client=client)
        return [
            RegisteredClient(new.client_id, new.generated_secret, client)
            for new, client in zip(checked.values(), clients, strict=True)
        ]
