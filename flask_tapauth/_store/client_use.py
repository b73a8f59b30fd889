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
from .sessions import has_one_connection

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 300
"""A time is written only if the last one is older: a busy client would otherwise cost a
write for each request."""

_MAX_CLIENTS: Final = 10_000


class ClientUse:
    """Writes the times of use, each in a short session of its own."""

    def __init__(self, db: SQLAlchemy, models: Models) -> None:
        self._db = db
        self._client = models.client
        # A cached token still has the old time: without this, each use would write.
        self._noted: TTLCache[tuple[str, str], bool] = TTLCache(
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
        """Note that a client still uses the secret that was rotated away."""
        if is_due(last_used_at):
            self._note("previous_secret_used_at", client_id)

    def _note(self, name: str, client_id: str) -> None:
        with self._lock:
            if (name, client_id) in self._noted:
                return
            self._noted[name, client_id] = True
        now = int(time.time())
        column = getattr(self._client, name)
        statement = (
            sa.update(self._client)
            .where(self._client.client_id == client_id, is_due_in_database(column, now))
            .values({name: now})
            .execution_options(synchronize_session=False)
        )
        session: Any
        try:
            with self._db.session.session_factory() as session:
                bind = session.get_bind(mapper=sa.inspect(self._client))
                if has_one_connection(bind):
                    return  # the host's transaction has it
                session.execute(statement)
                session.commit()
        except (exc.DBAPIError, exc.TimeoutError) as error:
            # The request itself is good, and is answered.
            log.warning(
                "The last use of a client cannot be noted: %s",
                shown(driver_message(error)),
            )


def is_due(last_used_at: int | None) -> bool:
    """Tell whether a time of use is so old that it is written again."""
    return last_used_at is None or last_used_at <= time.time() - INTERVAL_SECONDS


def is_due_in_database(column: Any, now: int) -> sa.ColumnElement[bool]:
    """Return the condition that another process has not written the time just now."""
    return sa.or_(column.is_(None), column <= now - INTERVAL_SECONDS)
