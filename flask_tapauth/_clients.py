"""Register clients and change them: the rules, whoever asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from . import _secrets, signals
from ._config import Config
from ._parameters import check_text
from ._scopes import parse_scopes
from ._store import Store
from ._transport import is_loopback
from .errors import RegistrationError, UnknownClientError
from .models import MAX_NAME, ClientMixin

_VISIBLE = re.compile(r"[\x20-\x7e]+")  # VSCHAR of RFC 6749 appendix A


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

    :param extra_grant_types: what the host registered on the server beside ours.
    :param sender: the Flask app, for signals.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        extra_grant_types: Callable[[], Collection[str]],
        sender: object,
    ) -> None:
        self._config = config
        self._store = store
        self._extra_grant_types = extra_grant_types
        self._sender = sender

    def get(self, client: str | HasClientId) -> ClientMixin:
        """Return a client's record as it is now.

        :raises UnknownClientError: there is none with this id.
        """
        client_id = client if isinstance(client, str) else client.client_id
        found = None
        if len(client_id) <= MAX_NAME and _VISIBLE.fullmatch(client_id):
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
        columns: dict[str, Any],
    ) -> RegisteredClient:
        """Check and store a client. The arguments are those of
        :meth:`~flask_tapauth.TapAuth.register_client`."""
        if public and (client_secret is not None or secret_expires_at is not None):
            raise RegistrationError("a public client has no secret; leave it out")
        if client_id is None:
            client_id = _secrets.generate_client_id()
        if public:
            secret = None
        elif client_secret is None:
            secret = _secrets.generate("client_secret")
        else:
            secret = _check_secret(client_secret)
        values: dict[str, Any] = {
            "client_id": _check_client_id(client_id),
            "is_resource_server": resource_server,
            "skip_consent": skip_consent,
            "created_at": int(time.time()),
            **columns,
            **self._checked(
                client_name=name,
                grant_types=grant_types,
                scopes=scopes,
                redirect_uris=redirect_uris,
                access_token_expires_in=expires_in,
                secret_expires_at=secret_expires_at,
            ),
        }
        _check_redirects(values["grant_types"], values["redirect_uris"])
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
        values = {**changes, **self._checked(**changes)}
        _check_redirects(
            values.get("grant_types", record.grant_types),
            values.get("redirect_uris", record.redirect_uris),
        )
        if record.is_public and values.get("secret_expires_at") is not None:
            raise RegistrationError("a public client has no secret that could expire")
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
        if record.is_public:
            raise RegistrationError("a public client has no secret to rotate")
        if grace < 0:
            raise RegistrationError("the grace time is a number of seconds from 0 up")
        secret = _secrets.generate("client_secret")
        expires = self._checked(secret_expires_at=secret_expires_at)
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

    def revoke_tokens(self, client: str | HasClientId) -> int:
        """Revoke all tokens of a client, and return how many were alive."""
        record = self.get(client)
        count = self._store.tokens.revoke(int(time.time()), client=record, user_id=None)
        signals.token_revoked.send(self._sender, client=record, count=count)
        return count

    def _checked(self, **values: Any) -> dict[str, Any]:
        """Return values in the form the columns take.

        :raises RegistrationError: saying what to change.
        """
        checks: dict[str, Callable[[Any], Any]] = {
            "client_name": _check_name,
            "grant_types": self._check_grant_types,
            "scopes": self._check_scopes,
            "redirect_uris": _check_redirect_uris,
            "access_token_expires_in": _check_expires_in,
            "secret_expires_at": _check_moment,
        }
        try:
            return {k: checks[k](v) for k, v in values.items() if k in checks}
        except ValueError as error:
            raise RegistrationError(str(error)) from None

    def _check_grant_types(self, grant_types: Iterable[str]) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(grant_types))
        offered = [*self._config.grant_types, *sorted(self._extra_grant_types())]
        for grant_type in chosen:
            if grant_type not in offered:
                raise ValueError(
                    f"unknown grant type {grant_type!r}; there are {', '.join(offered)}"
                )
        return chosen

    def _check_scopes(self, scopes: str | Iterable[str]) -> tuple[str, ...]:
        chosen = parse_scopes(scopes)
        known = self._config.scopes
        for scope in chosen:
            if known is not None and scope not in known:
                raise ValueError(
                    f"unknown scope {scope!r}; TAPAUTH_SCOPES has {', '.join(known)}"
                )
        return chosen


def _check_client_id(client_id: str) -> str:
    if len(client_id) > MAX_NAME or not _VISIBLE.fullmatch(client_id):
        raise RegistrationError(
            f"a client id is 1 to {MAX_NAME} visible ASCII characters"
        )
    if client_id != client_id.strip():
        # MariaDB compares without the spaces at the end.
        raise RegistrationError("a client id neither begins nor ends with a space")
    return client_id


def _check_secret(secret: str) -> str:
    try:
        check_text(secret)
    except ValueError as error:
        raise RegistrationError(f"the client secret cannot be used: {error}") from None
    if not secret.strip():
        raise RegistrationError("the client secret is empty")
    return secret


def _check_name(name: str) -> str:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise ValueError(f"a client's name is 1 to {MAX_NAME} printable characters")
    return name


def _check_expires_in(seconds: int | None) -> int | None:
    if seconds is not None and not 0 < seconds < 2**31:
        raise ValueError("a token's lifetime is a positive number of seconds")
    return seconds


def _check_moment(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def _check_redirect_uris(uris: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_check_redirect_uri, uris)))


def _check_redirect_uri(uri: str) -> str:
    """RFC 6749 §3.1.2, and RFC 9700 §2.1: compared as it stands, sent over TLS."""
    fault = f"redirect URI {uri!r}"
    if (
        len(uri) > 2000
        or not uri.isascii()
        or any(c <= " " or c == "\x7f" for c in uri)
    ):
        raise ValueError(f"{fault} is too long or has characters that no URI has")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{fault} is no URI") from None
    if not host:
        raise ValueError(f"{fault} is not absolute; write https://host/path")
    if "#" in uri:
        raise ValueError(f"{fault} has a fragment; leave it out")
    if "@" in parts.netloc or "\\" in uri:
        raise ValueError(f"{fault} has a user name or a backslash; leave it out")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError(f"{fault} is not https, which all but loopback must be")
    return uri


def _check_redirects(grant_types: Collection[str], uris: Collection[str]) -> None:
    if "implicit" in grant_types and not uris:
        raise RegistrationError("the implicit grant needs a redirect URI; give one")
