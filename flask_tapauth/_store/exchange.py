"""Talk to the database through the host's ``db.session``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..errors import TemporarilyUnavailableError

log = logging.getLogger(__name__)


@contextmanager
def exchange(db: SQLAlchemy, *, anew: bool = False) -> Iterator[Any]:
    """Lend the session; leave it usable whatever happens.

    :param anew: begin a transaction for this, whatever was read before. A write that
        follows an older snapshot is refused where that is isolated, as MariaDB does
        from 11.6 on, though another's write is just what it is to meet.
    :raises TemporarilyUnavailableError: the database cannot do it at the moment.
    """
    session = db.session
    try:
        if anew:
            session.commit()
        yield session
    except (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError) as error:
        session.rollback()
        # The error's own text has the statement's parameters in it.
        reason = getattr(error, "orig", None) or type(error).__name__
        log.error("The database cannot be used: %s", reason)
        raise TemporarilyUnavailableError from None
