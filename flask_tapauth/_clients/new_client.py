"""Check a new client completely, before anything of it is stored."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from .._base import secrets as _secrets
from ..errors import RegistrationError
from .argument_checks import ArgumentChecks, check_flag
from .consistency import check_consistency, check_one_key_source
from .credentials import check_client_id, check_secret
from .registration import Registration


class NewClient(NamedTuple):
    """A client that may be stored.

    :param secret: in plain text; None for a public client and for one with keys.
    :param is_generated: whether we generated the secret, and the caller must see it.
    """

    columns: dict[str, Any]
    secret: str | None
    is_generated: bool

    def __repr__(self) -> str:
        return f"<NewClient {self.client_id!r}>"

    @property
    def client_id(self) -> str:
        client_id: str = self.columns["client_id"]
        return client_id

    @property
    def generated_secret(self) -> str | None:
        return self.secret if self.is_generated else None

    def hashed(self) -> dict[str, Any]:
        """Return all columns, with the secret hashed.

        Hashing a chosen secret takes a tenth of a second: check all clients before.
        """
        hash_ = None if self.secret is None else _secrets.hash_secret(self.secret)
        return {**self.columns, "secret_hash": hash_}


def check_new_client(
    checks: ArgumentChecks, registration: Registration, *, is_import: bool = False
) -> NewClient:
    """Return the client to store, if its arguments are right and fit together.

    :param is_import: whether the file may have clients that are the URL of a document,
        as `clients list` prints them. Such a client has no secret.
    """
    secret = _choose_secret(registration)
    client_id = registration.client_id
    if client_id is None:
        client_id = _secrets.generate_client_id()
    columns: dict[str, Any] = {
        "client_id": check_client_id(
            client_id, may_be_url=is_import and secret is None
        ),
        "created_at": int(time.time()),
        **registration.columns,
        **checks.check_registration(registration),
    }
    check_consistency(columns, is_public=registration.public)
    check_one_key_source(columns["jwks"], columns["jwks_uri"])
    return NewClient(columns, secret, is_generated=registration.client_secret is None)


def _choose_secret(registration: Registration) -> str | None:
    public, secret = registration.public, registration.client_secret
    try:
        check_flag(public)
    except ValueError as error:
        raise RegistrationError(str(error), "public") from None
    has_keys = registration.jwks is not None or registration.jwks_uri is not None
    if public and secret is not None:
        raise RegistrationError(
            "a public client has no secret; leave it out", "client_secret"
        )
    if public and registration.secret_expires_at is not None:
        raise RegistrationError(
            "a public client has no secret that could expire; leave it out",
            "secret_expires_at",
        )
    if has_keys and (public or secret is not None):
        raise RegistrationError(
            "a client authenticates with keys, or with a secret, or is public; "
            "choose one",
            "jwks_uri" if registration.jwks is None else "jwks",
        )
    if public or has_keys:
        return None
    return (
        _secrets.generate("client_secret") if secret is None else check_secret(secret)
    )
