"""Note when clients were last used."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Final

import sqlalchemy as sa
from cachetools import TTLCache
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .._base.shown import shown
from .database_errors import driver_message
from .models import Models
from .sessions import has_one_connection, is_in_hosts_transaction

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 300
"""A time is written only if the last one is older: a busy client would otherwise cost a
write for each request."""

_MAX_CLIENTS: Final = 10_000


class ClientUse:
    """Writes the times of use, each in a short session of its own.

    :param shares_session: whether the host wants one connection for each request.
    """

    def __init__(self, db: SQLAlchemy, models: Models, shares_session: bool) -> None:
        self._db = db
        self._client = models.client
        self._shares_session = shares_session
        # A cached token still has the old time: without this, each use would write. By
        # the engine too: each tenant's database may have a client of this id.
        self._noted: TTLCache[tuple[str, str, Any], bool] = TTLCache(
            _MAX_CLIENTS, INTERVAL_SECONDS
        )
        self._lock = threading.Lock()  # cachetools' caches have none

    def note_use(self, client_id: str, last_used_at: int | None) -> None:
        """Note that a client's token was used.

        :param last_used_at: what the database had when the token was looked up.
        """
        if is_due(last_used_at):
            self._note("last_used_at", client_id)

    def note_previous_secret(self, client_id: str, last_used_at: int | None) -> None:
        """Note that a client still uses its old secret after a rotation."""
        if is_due(last_used_at):
            self._note("previous_secret_used_at", client_id)

    def _note(self, name: str, client_id: str) -> None:
        now = int(time.time())
        column = getattr(self._client, name)
        is_wanted = sa.and_(
            self._client.client_id == client_id, is_due_in_database(column, now)
        )
        statement = (
            sa.update(self._client)
            .where(is_wanted)
            .values({name: now})
            .execution_options(synchronize_session=False)
        )
        # Another transaction, perhaps that of this request, may keep the client's row
        # locked for long. This use is not noted then. PostgreSQL's `key_share` passes
        # the locks of tokens that are being issued.
        free = sa.select(self._client.id).where(is_wanted)
        free = free.with_for_update(key_share=True, skip_locked=True)
        bind_arguments = {"mapper": sa.inspect(self._client), "clause": statement}
        # The host's `get_bind` may choose a tenant's database by the session's `info`.
        hosts = self._db.session
        options = {"info": hosts.info} if hosts.registry.has() else {}
        session: Any
        try:
            with hosts.session_factory(**options) as session:
                bind = session.get_bind(**bind_arguments)
                if self._would_wait(bind) or self._is_noted(name, client_id, bind):
                    return
                connection = session.connection(bind_arguments=bind_arguments)
                if connection.execute(free).first() is not None:
                    session.execute(statement)
                session.commit()
        except (exc.DBAPIError, exc.TimeoutError, OSError) as error:
            # The request itself is good, and is answered.
            log.warning(
                "The last use of a client cannot be noted: %s",
                shown(driver_message(error)),
            )

    def _would_wait(self, bind: Any) -> bool:
        """Tell whether the host's open transaction has what we would wait for: the one
        connection of a request, or SQLite's lock on the whole database."""
        if has_one_connection(bind):
            return True
        hosts = self._db.session
        is_open = hosts.registry.has() and is_in_hosts_transaction(hosts())
        return is_open and (self._shares_session or bind.dialect.name == "sqlite")

    def _is_noted(self, *key: Any) -> bool:
        """Tell whether this process noted it a short time ago; if not, remember it."""
        with self._lock:
            if key in self._noted:
                return True
            self._noted[key] = True
            return False


def is_due(last_used_at: int | None) -> bool:
    """Tell whether a time of use is so old that it is written again."""
    return last_used_at is None or last_used_at <= time.time() - INTERVAL_SECONDS


def is_due_in_database(column: Any, now: int) -> sa.ColumnElement[bool]:
    """Return the condition that another process has not written the time just now."""
    return sa.or_(column.is_(None), column <= now - INTERVAL_SECONDS)
