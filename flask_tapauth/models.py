"""The tables that a host may build its own models on, as mixins.

Secrets and tokens are here only as digests. Times are whole seconds since the epoch,
which is UTC on every database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin as AuthlibClientMixin
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ._columns import Words, digest_type, has_passed, long_type, name_type, owner_key
from ._scopes import join_scopes, parse_scopes

_GRANT_TYPES = {"token": "implicit", "code": "authorization_code"}
"""The grant types that response types belong to (RFC 7591 §2.1)."""


class ClientMixin(AuthlibClientMixin):
    """A registered client (RFC 6749 §2), and the questions Authlib asks of one.

    A host's own model adds columns, a bind key or another table name::

        class Client(ClientMixin, db.Model):
            owner_id: Mapped[int | None]
    """

    __tablename__ = "tapauth_client"
    # SQLite gives a deleted row's id away again otherwise.
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    # Declared for type checkers alone: SQLAlchemy refuses annotated columns of a
    # mixin on bases that are dataclasses.
    if TYPE_CHECKING:
        id: Mapped[int]
        client_id: Mapped[str]
        client_name: Mapped[str]
        secret_hash: Mapped[str | None]
        secret_expires_at: Mapped[int | None]
        previous_secret_hash: Mapped[str | None]
        previous_secret_expires_at: Mapped[int | None]
        grant_types: Mapped[tuple[str, ...]]
        scopes: Mapped[tuple[str, ...]]
        redirect_uris: Mapped[tuple[str, ...]]
        access_token_expires_in: Mapped[int | None]
        is_resource_server: Mapped[bool]
        skip_consent: Mapped[bool]
        created_at: Mapped[int]
        disabled_at: Mapped[int | None]
        jwks: Mapped[str | None]
        jwks_uri: Mapped[str | None]

    id = mapped_column(sa.Integer, primary_key=True)
    client_id = mapped_column(name_type(), nullable=False, unique=True)
    client_name = mapped_column(name_type(), nullable=False)
    secret_hash = mapped_column(sa.String(255))
    secret_expires_at = mapped_column(sa.BigInteger)
    previous_secret_hash = mapped_column(sa.String(255))
    previous_secret_expires_at = mapped_column(sa.BigInteger)
    grant_types = mapped_column(Words, nullable=False)
    scopes = mapped_column("scope", Words, nullable=False)
    redirect_uris = mapped_column(Words, nullable=False)
    access_token_expires_in = mapped_column(sa.Integer)
    is_resource_server = mapped_column(sa.Boolean, nullable=False)
    skip_consent = mapped_column(sa.Boolean, nullable=False)
    created_at = mapped_column(sa.BigInteger, nullable=False)
    disabled_at = mapped_column(sa.BigInteger)
    # Public keys, as JSON (RFC 7517 §5), or where they are: in place of a secret.
    jwks = mapped_column(sa.Text)
    jwks_uri = mapped_column(sa.Text)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.client_id!r}>"

    @property
    def has_keys(self) -> bool:
        """Whether the client signs with a key of its own (RFC 7523 §2.2)."""
        return self.jwks is not None or self.jwks_uri is not None

    @property
    def is_public(self) -> bool:
        """Whether the client has nothing to prove itself by (RFC 6749 §2.1)."""
        return self.secret_hash is None and not self.has_keys

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def is_expired(self, now: float | None = None) -> bool:
        """Tell whether the secret is past its date (RFC 7591 §3.2.1)."""
        return has_passed(self.secret_expires_at, now)

    def current_secret_hashes(self, now: float | None = None) -> list[str]:
        """Return the hashes of the secrets that open at the moment: one, or two while
        a rotated secret is in its grace time."""
        hashes = [self.secret_hash] if self.secret_hash else []
        if self.previous_secret_hash and not has_passed(
            self.previous_secret_expires_at, now
        ):
            hashes.append(self.previous_secret_hash)
        return hashes

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what a request for `scope` gets (RFC 6749 §3.3).

        :returns: everything registered where nothing was asked for; None where more
            was asked for, which Authlib answers with ``invalid_scope``.
        """
        if not scope:
            return join_scopes(self.scopes)
        try:
            requested = parse_scopes(scope)
        except ValueError:
            return None
        return join_scopes(requested) if set(requested) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if method == "private_key_jwt":
            return self.has_keys
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        return self.check_grant_type(_GRANT_TYPES.get(response_type, response_type))

    def check_grant_type(self, grant_type: str) -> bool:
        if self.is_public and grant_type == "client_credentials":
            return False  # RFC 6749 §4.4: for confidential clients alone
        return grant_type in self.grant_types


class TokenMixin:
    """An access token: what it opens, for whom, until when. Not the token itself.

    A host that renames the client table overrides `client_pk` to point there.
    """

    __tablename__ = "tapauth_token"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        client_pk: Mapped[int]
        user_id: Mapped[str | None]
        scopes: Mapped[tuple[str, ...]]
        issued_at: Mapped[int]
        expires_at: Mapped[int]
        revoked_at: Mapped[int | None]
        audience: Mapped[tuple[str, ...]]
        family_id: Mapped[int | None]
    else:

        @declared_attr
        def client_pk(cls):  # noqa: ANN201 - what an annotation does is said above
            return owner_key("tapauth_client.id")

    digest = mapped_column(digest_type(), primary_key=True)
    user_id = mapped_column(name_type())
    scopes = mapped_column("scope", Words, nullable=False)
    issued_at = mapped_column(sa.BigInteger, nullable=False)
    # Indexed for purging.
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    revoked_at = mapped_column(sa.BigInteger)
    # Null where it is for this app alone, as most are.
    audience = mapped_column(Words)
    # No foreign key: that would cost an index, and a token whose family is gone opens
    # nothing anyway.
    family_id = mapped_column(long_type())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of client {self.client_pk}>"
