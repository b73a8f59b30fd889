"""The types of our columns, alike on every database."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column

MAX_NAME = 255
"""Characters of a client's id and name, and of a user's id."""

_MYSQL = ("mysql", "mariadb")


def name_type() -> sa.types.TypeEngine[str]:
    """Text that is equal only to itself: MariaDB's default ignores case and accents."""
    exact = mysql.VARCHAR(MAX_NAME, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(MAX_NAME).with_variant(exact, *_MYSQL)


def digest_type() -> sa.types.TypeEngine[bytes]:
    return sa.LargeBinary(32).with_variant(mysql.BINARY(32), *_MYSQL)


def long_type() -> sa.types.TypeEngine[int]:
    """A key that does not run out. SQLite counts up in no other type than its own."""
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Words(sa.types.TypeDecorator[tuple[str, ...]]):
    """Words without spaces in one column. A tuple, so that no change goes unseen."""

    # Alembic writes the types of a column into migrations, and imports none but
    # SQLAlchemy's there. As one of these, it is `sa.Text()`, and no migration needs us.
    __module__ = "sqlalchemy.types"

    impl = sa.Text
    cache_ok = True

    def __repr__(self) -> str:
        return "Text()"

    def __reduce__(self) -> Any:
        # By a function that pickle finds where it says it is.
        return words_type, ()

    def process_bind_param(
        self, value: Iterable[str] | None, dialect: sa.Dialect
    ) -> str | None:
        return None if value is None else " ".join(value)

    def process_result_value(
        self, value: str | None, dialect: sa.Dialect
    ) -> tuple[str, ...]:
        return tuple((value or "").split())


def words_type() -> Words:
    return Words()


def owner_key(target: Any, **options: Any) -> Any:
    """Return the column by which a row belongs to another, and goes with it."""
    return mapped_column(
        sa.ForeignKey(target, ondelete="CASCADE"),
        nullable=False,
        index=not options.get("primary_key"),  # which has an index already
        **options,
    )


def has_passed(moment: int | None, now: float | None = None) -> bool:
    """Tell whether a moment has come; None never comes. In seconds since the epoch."""
    return moment is not None and moment <= (time.time() if now is None else now)
