"""The client and token tables, as mixins for models of the host's own.

Secrets and tokens are stored as digests only. Times are whole seconds since the epoch,
which do not depend on a database's time zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin as AuthlibClientMixin
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ._base.columns import Words, digest_type, long_type, name_type, owner_key
from ._base.moments import has_passed
from ._base.redirect_uris import is_registered
from ._base.scopes import join_scopes, parse_scopes

_GRANT_TYPES = {"token": "implicit", "code": "authorization_code"}
"""The grant type of each response type (RFC 7591 §2.1)."""


class ClientMixin(AuthlibClientMixin):
    """A registered client (RFC 6749 §2), with the methods that Authlib calls.

    A host's own model can add columns, a bind key or another table name::

        class Client(ClientMixin, db.Model):
            owner_id: Mapped[int | None]
    """

    __tablename__ = "tapauth_client"
    # Otherwise SQLite reuses the id of a deleted row.
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    # For type checkers only: SQLAlchemy refuses a mixin with annotated columns if the
    # host's base model is a dataclass.
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
        resource_uri: Mapped[str | None]
        allowed_networks: Mapped[tuple[str, ...]]
        keeps_refresh_token: Mapped[bool]
        last_used_at: Mapped[int | None]
        previous_secret_used_at: Mapped[int | None]

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
    # Public keys, as JSON (RFC 7517 §5) or as a URL. Such a client has no secret.
    jwks = mapped_column(sa.Text)
    jwks_uri = mapped_column(sa.Text)
    # The resource that a resource server introspects tokens for (RFC 7662 §4); null for
    # the first of the app's own resources.
    resource_uri = mapped_column(sa.Text)
    # Networks in CIDR notation; null if the client may ask from everywhere.
    allowed_networks = mapped_column(Words)
    keeps_refresh_token = mapped_column(sa.Boolean, nullable=False)
    last_used_at = mapped_column(sa.BigInteger)
    previous_secret_used_at = mapped_column(sa.BigInteger)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.client_id!r}>"

    @property
    def document_host(self) -> str | None:
        """The host of the document that is the client's registration; None for a client
        that an operator registered, whose id is no URL."""
        if not self.client_id.startswith("https://"):
            return None
        return urlsplit(self.client_id).netloc

    @property
    def has_keys(self) -> bool:
        """Whether the client authenticates with a key of its own (RFC 7523 §2.2)."""
        return self.jwks is not None or self.jwks_uri is not None

    @property
    def is_public(self) -> bool:
        """Whether the client has no credentials (RFC 6749 §2.1)."""
        return self.secret_hash is None and not self.has_keys

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def is_expired(self, now: float | None = None) -> bool:
        """Tell whether the secret has expired (RFC 7591 §3.2.1)."""
        return has_passed(self.secret_expires_at, now)

    def current_secret_hashes(self, now: float | None = None) -> list[str]:
        """Return the hashes of the valid secrets: two in a rotation's grace time."""
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
        """Return the scope that a request for `scope` is granted (RFC 6749 §3.3).

        :returns: all registered scopes if `scope` is empty; None if it has a scope that
            is not registered, which Authlib answers with ``invalid_scope``.
        """
        if not scope:
            return join_scopes(self.scopes)
        try:
            requested = parse_scopes(scope)
        except ValueError:
            return None
        return join_scopes(requested) if set(requested) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.redirect_uris)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if method == "private_key_jwt":
            return self.has_keys
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        return self.check_grant_type(_GRANT_TYPES.get(response_type, response_type))

    def check_grant_type(self, grant_type: str) -> bool:
        if self.is_public and grant_type == "client_credentials":
            return False  # RFC 6749 §4.4: for confidential clients only
        return grant_type in self.grant_types


class TokenMixin:
    """A stored access token, as a digest.

    A host that renames the client table must override `client_pk` to refer to it.
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
        def client_pk(cls):  # noqa: ANN201 - see above on annotations
            return owner_key("tapauth_client.id")

    # Removes the `id` of a host's base model, which would be a part of the primary key:
    # SQLite does not generate such an `id`, and a digest could be stored twice.
    id = None
    digest = mapped_column(digest_type(), primary_key=True)
    # Indexed to list and to revoke the tokens of a user.
    user_id = mapped_column(name_type(), index=True)
    scopes = mapped_column("scope", Words, nullable=False)
    # Indexed to list the newest tokens.
    issued_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    # Indexed for purging.
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    revoked_at = mapped_column(sa.BigInteger)
    # Null if the token is for this app only, as most are.
    audience = mapped_column(Words)
    # No foreign key, which would need an index. A token without its family counts as
    # revoked.
    family_id = mapped_column(long_type())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of client {self.client_pk}>"
