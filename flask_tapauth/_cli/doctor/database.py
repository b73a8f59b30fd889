"""Checks of the database, its tables, and the channel of the cache."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ..._store.schema import DatabaseFaultError
from .remarks import Remark, Subject, names

_PURGED_AFTER: Final = timedelta(days=2)
_MANY_ROWS: Final = 10_000


def database(subject: Subject) -> Iterator[Remark]:
    try:
        kind, in_memory = subject.state.store.schema.server()
    except DatabaseFaultError as fault:
        yield Remark(
            "error",
            f"The database cannot be used: {fault}. Check that it is running, and "
            "SQLALCHEMY_DATABASE_URI.",
        )
        return
    if in_memory:
        yield Remark(
            "warning",
            "The database is in memory: each process has its own, and tokens are "
            "lost when it ends. Set SQLALCHEMY_DATABASE_URI to a database that stays.",
        )
    yield Remark("ok", f"The database, {kind}, answers.")


def tables(subject: Subject) -> Iterator[Remark]:
    try:
        missing = subject.state.store.schema.missing()
    except DatabaseFaultError as fault:
        yield Remark("error", f"The tables cannot be read: {fault}.")
        return
    if missing:
        yield Remark(
            "error",
            f"The database lacks {names(missing)}. Run your migrations (flask db "
            "upgrade), or db.create_all() for a new database.",
        )
    else:
        yield Remark("ok", "The database has all tables and columns.")


def cache(subject: Subject) -> Iterator[Remark]:
    state = subject.state
    if state.config.cache is None:
        yield Remark(
            "ok",
            "TAPAUTH_CACHE is not set: each request looks its token up in the "
            "database, which is right with any number of processes.",
        )
        return
    fault = state.store.token_cache.channel_fault()
    if fault is not None:
        yield Remark(
            "error",
            f"TAPAUTH_CACHE: no message came through ({fault}), so each token is "
            "looked up in the database, and revoking may fail. Repair the channel, or "
            "leave the setting out.",
        )
    else:
        yield Remark("ok", "TAPAUTH_CACHE: a message came through.")


def expired_rows(subject: Subject) -> Iterator[Remark]:
    count = subject.state.tokens.count_expired(_PURGED_AFTER)
    if count > _MANY_ROWS:
        yield Remark(
            "warning",
            f"{count} rows expired more than {_PURGED_AFTER.days} days ago. Run flask "
            "tapauth tokens purge every night, from cron.",
        )
    else:
        yield Remark("ok", f"{count} rows expired more than two days ago.")
