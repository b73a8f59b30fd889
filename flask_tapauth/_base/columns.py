"""The types of our columns, alike on every database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import mapped_column

from .ids import MAX_NAME

_MYSQL = ("mysql", "mariadb")


class _ExactText(mysql.VARCHAR):
    """Text with the collation that MariaDB, or MySQL, calls binary without padding."""

    # Alembic writes it into migrations as MySQL's own type, which it imports.
    __module__ = mysql.VARCHAR.__module__

    def __repr__(self) -> str:
        return (
            f"VARCHAR(length={self.length}, charset={self.charset!r}, "
            f"collation={self.collation!r})"
        )


@compiles(_ExactText, *_MYSQL)
def _compile_exact_text(type_: _ExactText, compiler: Any, **options: Any) -> str:
    # Both servers have one dialect, and neither knows the other's collation.
    collation = type_.collation
    if not compiler.dialect.is_mariadb:
        collation = "utf8mb4_0900_bin"
    known = mysql.VARCHAR(type_.length, charset=type_.charset, collation=collation)
    text: str = compiler.process(known, **options)
    return text


def name_type() -> sa.types.TypeEngine[str]:
    """Text that is equal only to itself. MariaDB's default ignores case, accents, and
    spaces at the end: two people would be one."""
    exact = _ExactText(MAX_NAME, charset="utf8mb4", collation="utf8mb4_nopad_bin")
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
        self, value: str | Iterable[str] | None, dialect: sa.Dialect
    ) -> str | None:
        if isinstance(value, str):  # one word, or several as OAuth writes scopes
            value = value.split()
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
