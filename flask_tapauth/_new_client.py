"""What is asked of a new client, before anything of it is stored."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from . import _secrets
from ._registration import (
    Rules,
    check_client_id,
    check_one_source,
    check_redirects,
    check_secret,
)
from .errors import RegistrationError
from .models import ClientMixin


class NewClient(NamedTuple):
    """A client that may be stored.

    :param secret: None where it has none.
    :param is_made: whether we made the secret, and nobody knows it yet.
    """

    columns: dict[str, Any]
    secret: str | None
    is_made: bool

    def __repr__(self) -> str:
        return f"<NewClient {self.client_id!r}>"

    @property
    def client_id(self) -> str:
        client_id: str = self.columns["client_id"]
        return client_id

    @property
    def made_secret(self) -> str | None:
        return self.secret if self.is_made else None

    def hashed(self) -> dict[str, Any]:
        """Return all columns. For a chosen secret this takes time: check all before."""
        hash_ = None if self.secret is None else _secrets.hash_secret(self.secret)
        return {**self.columns, "secret_hash": hash_}


def check_new_client(
    rules: Rules,
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
    columns: Mapping[str, Any],
) -> NewClient:
    """Return what is to be stored. The arguments are those of
    :meth:`~flask_tapauth.TapAuth.register_client`.

    :raises RegistrationError: saying what to change.
    """
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
        **rules.check(
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
    return NewClient(values, secret, is_made=client_secret is None)
