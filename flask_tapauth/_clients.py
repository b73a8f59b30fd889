"""Register clients and change them, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from . import _secrets, signals
from ._client_lines import read_line
from ._new_client import NewClient, check_new_client
from ._registration import Rules, check_one_source, check_redirects, is_client_id
from ._store import Store
from .errors import ImportRefusedError, RegistrationError, UnknownClientError
from .models import ClientMixin


class HasClientId(Protocol):
    """Whatever names a client: its record, or what registration returned."""

    @property
    def client_id(self) -> str: ...


class RegisteredClient(NamedTuple):
    """A client and the secret it was given, which can be read here and never again."""

    client_id: str
    client_secret: str | None
    client: ClientMixin

    def __repr__(self) -> str:
        return f"<RegisteredClient {self.client_id!r}>"


class Clients:
    """The clients of one app.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, rules: Rules, store: Store, sender: object) -> None:
        self._rules = rules
        self._store = store
        self._sender = sender

    def get(self, client: str | HasClientId) -> ClientMixin:
        """Return a client's record as it is now.

        :raises UnknownClientError: there is none with this id.
        """
        client_id = client if isinstance(client, str) else client.client_id
        found = None
        if is_client_id(client_id):
            found = self._store.clients.find(client_id)
        if found is None:
            raise UnknownClientError(f"there is no client {client_id!r}")
        return found

    def list(self) -> Sequence[ClientMixin]:
        return self._store.clients.list()

    def register(self, name: str, **registration: Any) -> RegisteredClient:
        """Check and store a client. The arguments are those of
        :func:`check_new_client`."""
        new = check_new_client(self._rules, name, **registration)
        client = self._store.clients.insert(new.hashed())
        signals.client_registered.send(self._sender, client=client)
        return RegisteredClient(client.client_id, new.secret, client)

    def import_many(
        self,
        lines: Iterable[bytes],
        progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> Sequence[RegisteredClient]:
        """Check and store clients, each a line of JSON: all of them, or none.

        :param lines: what :func:`read_line` reads; blank ones are passed over.
        :param progress: yields what it is given, while chosen secrets are hashed, which
            takes a tenth of a second for each.
        :returns: the clients in their order, with the secrets that were made for them;
            None where a client brought its own, or has none.
        :raises ImportRefusedError: some are wrong.
        """
        checked = self._check_lines(lines)
        rows = {number: new.hashed() for number, new in progress([*checked.items()])}
        self._store.clients.insert_many(rows)
        clients = self._store.clients.find_many(
            [new.client_id for new in checked.values()]
        )
        for client in clients:
            signals.client_registered.send(self._sender, client=client)
        return [
            RegisteredClient(new.client_id, new.made_secret, client)
            for new, client in zip(checked.values(), clients, strict=True)
        ]

    def _check_lines(self, lines: Iterable[bytes]) -> dict[int, NewClient]:
        """Return what each line stands for, by its number."""
        checked: dict[int, NewClient] = {}
        faults: dict[int, str] = {}
        first: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                read = read_line(line)
                client_id = read.arguments["client_id"]
                if client_id in first:
                    raise RegistrationError(
                        f"client id {client_id!r} is that of line {first[client_id]}"
                    )
                if client_id is not None:
                    first[client_id] = number
                new = check_new_client(self._rules, **read.arguments)
                new.columns.update(read.kept)
                self._store.clients.check_columns(new.columns)
                checked[number] = new
            except RegistrationError as error:
                faults[number] = str(error)
        if not checked and not faults:
            raise RegistrationError("the file has no client in it")
        ids = {new.client_id: number for number, new in checked.items()}
        for client_id in self._store.clients.find_taken(ids):
            faults[ids[client_id]] = f"client id {client_id!r} is taken"
        if faults:
            raise ImportRefusedError(faults)
        return checked

    def update(self, client: str | HasClientId, **changes: Any) -> ClientMixin:
        """Change a client's registration.

        :param changes: columns of the model and their new values, raw.
        :raises RegistrationError: a value is wrong; nothing was changed.
        """
        record = self.get(client)
        values = {**changes, **self._rules.check(**changes)}
        check_redirects(
            values.get("grant_types", record.grant_types),
            values.get("redirect_uris", record.redirect_uris),
        )
        if record.is_public and values.get("secret_expires_at") is not None:
            raise RegistrationError("a public client has no secret that could expire")
        if "jwks" in values or "jwks_uri" in values:
            # What is named takes the place of what was.
            values = {"jwks": None, "jwks_uri": None, **values}
            check_one_source(values["jwks"], values["jwks_uri"])
            if values["jwks"] is None and values["jwks_uri"] is None:
                raise RegistrationError("a client keeps its keys, or is given others")
            if record.is_public:
                raise RegistrationError(
                    "a public client gets no keys; register another"
                )
            # Keys take the place of a secret too.
            values.update(secret_hash=None, previous_secret_hash=None)
        self._store.clients.update(record, values)
        return record

    def rotate_secret(
        self,
        client: str | HasClientId,
        grace: int,
        secret_expires_at: datetime | None,
    ) -> RegisteredClient:
        """Give a client a new secret.

        :param grace: seconds for which the old one opens too, unless it expires before.
        """
        record = self.get(client)
        if record.secret_hash is None:
            raise RegistrationError(
                "a public client, or one with keys, has no secret to rotate"
            )
        if not 0 <= grace < 2**31:
            raise RegistrationError("the grace time is from 0 to 2147483647 seconds")
        secret = _secrets.generate("client_secret")
        expires = self._rules.check(secret_expires_at=secret_expires_at)
        ends = int(time.time()) + grace
        if record.secret_expires_at is not None:
            ends = min(ends, record.secret_expires_at)
        previous = record.secret_hash if grace else None
        self._store.clients.update(
            record,
            {
                **expires,
                "secret_hash": _secrets.hash_secret(secret),
                "previous_secret_hash": previous,
                "previous_secret_expires_at": ends if previous else None,
            },
        )
        return RegisteredClient(record.client_id, secret, record)

    def disable(self, client: str | HasClientId) -> ClientMixin:
        """Shut a client out, its tokens with it, until it is enabled again."""
        record = self.get(client)
        if not record.is_disabled:
            self._store.clients.update(record, {"disabled_at": int(time.time())})
        return record

    def enable(self, client: str | HasClientId) -> ClientMixin:
        record = self.get(client)
        self._store.clients.update(record, {"disabled_at": None})
        return record

    def delete(self, client: str | HasClientId) -> None:
        """Delete a client and its tokens for good."""
        self._store.clients.delete(self.get(client))
