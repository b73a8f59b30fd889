"""Register clients and change them, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from . import _secrets, signals
from ._registration import (
    Rules,
    check_client_id,
    check_one_source,
    check_redirects,
    check_secret,
    is_client_id,
)
from ._store import Store
from .errors import RegistrationError, UnknownClientError
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

    def register(
        self,
        name: str,
        *,
        client_id: str | None,
        client_secret: str | None,
        public: bool,
        grant_types: Iterable[str],
        scopes: str | Iterable[str],
        redirect_uris: Iterable[str],
        expires_in: int | None,
        secret_expires_at: datetime | None,
        resource_server: bool,
        skip_consent: bool,
        jwks: Mapping[str, Any] | str | None,
        jwks_uri: str | None,
        columns: dict[str, Any],
    ) -> RegisteredClient:
        """Check and store a client. The arguments are those of
        :meth:`~flask_tapauth.TapAuth.register_client`."""
        for column in columns:
            if hasattr(ClientMixin, column):
                raise RegistrationError(f"{column!r} is no column that the host added")
        has_keys = jwks is not None or jwks_uri is not None
        if public and (client_secret is not None or secret_expires_at is not None):
            raise RegistrationError("a public client has no secret; leave it out")
        if has_keys and (public or client_secret is not None):
            raise RegistrationError(
                "a client proves itself by its keys, or a secret, or not at all"
            )
        if client_id is None:
            client_id = _secrets.generate_client_id()
        if public or has_keys:
            secret = None
        elif client_secret is None:
            secret = _secrets.generate("client_secret")
        else:
            secret = check_secret(client_secret)
        values: dict[str, Any] = {
            "client_id": check_client_id(client_id),
            "is_resource_server": resource_server,
            "skip_consent": skip_consent,
            "created_at": int(time.time()),
            **columns,
            **self._rules.check(
                client_name=name,
                grant_types=grant_types,
                scopes=scopes,
                redirect_uris=redirect_uris,
                access_token_expires_in=expires_in,
                secret_expires_at=secret_expires_at,
                jwks=jwks,
                jwks_uri=jwks_uri,
            ),
        }
        check_redirects(values["grant_types"], values["redirect_uris"])
        check_one_source(values["jwks"], values["jwks_uri"])
        # Last: hashing a chosen secret takes time, and every other check may refuse.
        values["secret_hash"] = None if secret is None else _secrets.hash_secret(secret)
        client = self._store.clients.insert(values)
        signals.client_registered.send(self._sender, client=client)
        return RegisteredClient(client.client_id, secret, client)

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
