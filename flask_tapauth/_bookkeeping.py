"""The tables that the extension alone reads and writes.

Each gets its owner's key where it is joined to the host's models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ._columns import Words, digest_type, long_type, name_type


class FamilyMixin:
    """What one grant gave: all tokens that come of one first refresh token.

    It is revoked by one row, so that no rotation can slip a token past.
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
    user_id = mapped_column(name_type())
    scopes = mapped_column("scope", Words, nullable=False)
    audience = mapped_column(Words)
    issued_at = mapped_column(sa.BigInteger, nullable=False)
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)
    revoked_at = mapped_column(sa.BigInteger)


class RefreshTokenMixin:
    """A refresh token. Used ones stay: one that comes again betrays a theft."""

    __tablename__ = "tapauth_refresh_token"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        family_id: Mapped[int]
        used_at: Mapped[int | None]

    digest = mapped_column(digest_type(), primary_key=True)
    used_at = mapped_column(sa.BigInteger)


class AssertionMixin:
    """A client's assertion that was accepted, and is not again (RFC 7523 §3)."""

    __tablename__ = "tapauth_assertion"

    if TYPE_CHECKING:
        digest: Mapped[bytes]
        expires_at: Mapped[int]

    digest = mapped_column(digest_type(), primary_key=True)
    expires_at = mapped_column(sa.BigInteger, nullable=False, index=True)


class ConsentMixin:
    """What a person lets a client have, where that is remembered."""

    __tablename__ = "tapauth_consent"

    if TYPE_CHECKING:
        client_pk: Mapped[int]
        user_id: Mapped[str]
        scopes: Mapped[tuple[str, ...]]
        granted_at: Mapped[int]

    user_id = mapped_column(name_type(), primary_key=True)
    scopes = mapped_column("scope", Words, nullable=False)
    granted_at = mapped_column(sa.BigInteger, nullable=False)
