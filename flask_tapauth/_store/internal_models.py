"""The tables that only the extension reads and writes, as mixins.

`models.resolve_models` adds the foreign key to the client or the family. ``id = None``
leaves out the `id` that a host's base model gives every table: together with our key it
would be a primary key of two columns, and the same digest could be stored twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .._base.columns import Words, digest_type, long_type, name_type


class FamilyMixin:
    """A token family: all tokens issued from one grant with a refresh token.

    One row revokes them all, also a token that a concurrent rotation adds.
    """

    __tablename__ = "tapauth_family"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    if TYPE_CHECKING:
        id: Mapped[int]
        client_pk: Mapped[int]
        user_id: Mapped[str | None]
        scopes: Mapped[tuple[str, ...]]
        audience: Mapped[tuple[str, ...]]
        issued_at: Mapped[int]
        expires_at: Mapped[int]
        revoked_at: Mapped[int | None]

    id = mapped_column(long_type(), primary_key=True)
    user_id = mapped_column(name_type(), index=True)
    scopes = mapped_column("scope", Words, nullable=False)
    audience = mapped_column(Words)
    issued_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    revoked_at = mapped_column(sa.BigInteger)


class RefreshTokenMixin:
    """A refresh token. Used ones are kept: reuse shows a theft (RFC 9700 §4.14.2)."""

    __tablename__ = "tapauth_refresh_token"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        family_id: Mapped[int]
        used_at: Mapped[int | None]

    id = None
    digest = mapped_column(digest_type(), primary_key=True)
    used_at = mapped_column(sa.BigInteger)


class CodeMixin:
    """An authorization code, and what the user granted with it.

    The code of a host's own grant class has no redirect URI and no challenge here: that
    class stores the rest of it.
    """

    __tablename__ = "tapauth_code"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        client_pk: Mapped[int]
        user_id: Mapped[str]
        scopes: Mapped[tuple[str, ...]]
        audience: Mapped[tuple[str, ...]]
        expires_at: Mapped[int]
        redirect_uri: Mapped[str | None]
        code_challenge: Mapped[str | None]
        used_at: Mapped[int | None]
        family_id: Mapped[int | None]

    id = None
    digest = mapped_column(digest_type(), primary_key=True)
    user_id = mapped_column(name_type(), nullable=False)
    scopes = mapped_column("scope", Words, nullable=False)
    audience = mapped_column(Words)
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    redirect_uri = mapped_column(sa.Text)
    code_challenge = mapped_column(sa.String(43))
    used_at = mapped_column(sa.BigInteger)
    # What came of it, to be revoked if the code is presented again.
    family_id = mapped_column(long_type())


class AssertionMixin:
    """A client's assertion that was accepted and must not be again (RFC 7523 §3)."""

    __tablename__ = "tapauth_assertion"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        expires_at: Mapped[int]

    id = None
    digest = mapped_column(digest_type(), primary_key=True)
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)


class ConsentMixin:
    """The scopes that a user allowed a client to have, if that is remembered."""

    __tablename__ = "tapauth_consent"

    if TYPE_CHECKING:
        client_pk: Mapped[int]
        user_id: Mapped[str]
        scopes: Mapped[tuple[str, ...]]
        audience: Mapped[tuple[str, ...]]
        granted_at: Mapped[int]

    id = None
    user_id = mapped_column(name_type(), primary_key=True)
    scopes = mapped_column("scope", Words, nullable=False)
    audience = mapped_column(Words)
    granted_at = mapped_column(sa.BigInteger, nullable=False)


class EventMixin:
    """Something that was done, for the trail that ``TAPAUTH_AUDIT`` keeps.

    No foreign keys: an event outlives its client.
    """

    __tablename__ = "tapauth_event"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    if TYPE_CHECKING:
        id: Mapped[int]
        time: Mapped[int]
        action: Mapped[str]
        actor: Mapped[str | None]
        client_id: Mapped[str | None]
        user_id: Mapped[str | None]
        address: Mapped[str | None]
        reason: Mapped[str | None]

    id = mapped_column(long_type(), primary_key=True)
    time = mapped_column(sa.BigInteger, nullable=False, index=True)
    action = mapped_column(sa.String(64), nullable=False)
    actor = mapped_column(name_type())
    client_id = mapped_column(name_type(), index=True)
    user_id = mapped_column(name_type(), index=True)
    address = mapped_column(sa.String(64))
    reason = mapped_column(sa.Text)
