"""Column types that work alike on every database."""

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
    """Text with the binary collation of MariaDB or MySQL, which does not pad."""

    # Alembic thereby writes it into migrations as MySQL's own type, and imports that.
    __module__ = mysql.VARCHAR.__module__

    def __repr__(self) -> str:
        return (
            f"VARCHAR(length={self.length}, charset={self.charset!r}, "
            f"collation={self.collation!r})"
        )


@compiles(_ExactText, *_MYSQL)
def _compile_exact_text(type_: _ExactText, compiler: Any, **options: Any) -> str:
    # SQLAlchemy has one dialect for both servers, whose collations differ.
    collation = type_.collation
    if not compiler.dialect.is_mariadb:
        collation = "utf8mb4_0900_bin"
    known = mysql.VARCHAR(type_.length, charset=type_.charset, collation=collation)
    text: str = compiler.process(known, **options)
    return text


def name_type() -> sa.types.TypeEngine[str]:
    """Text that is compared exactly. MariaDB ignores case, accents and trailing spaces
    by default, so that two users would be one."""
    exact = _ExactText(MAX_NAME, charset="utf8mb4", collation="utf8mb4_nopad_bin")
    return sa.String(MAX_NAME).with_variant(exact, *_MYSQL)


def digest_type() -> sa.types.TypeEngine[bytes]:
    return sa.LargeBinary(32).with_variant(mysql.BINARY(32), *_MYSQL)


def long_type() -> sa.types.TypeEngine[int]:
    """A generated key of 64 bits. SQLite generates keys for its INTEGER type only."""
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Words(sa.types.TypeDecorator[tuple[str, ...]]):
    """Words in one column, separated by spaces.

    They are a tuple, because SQLAlchemy does not notice changes in a list.
    """

    # Alembic thereby writes it into migrations as `sa.Text()`, which do not import us.
    __module__ = "sqlalchemy.types"

    impl = sa.Text
    cache_ok = True

    def __repr__(self) -> str:
        return "Text()"

    def __reduce__(self) -> Any:
        # Pickle does not find the class by its `__module__`, but finds this function.
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
    """Return a foreign key column; the row is deleted together with its owner."""
    return mapped_column(
        sa.ForeignKey(target, ondelete="CASCADE"),
        nullable=False,
        index=not options.get("primary_key"),  # a primary key has an index already
        **options,
    )
