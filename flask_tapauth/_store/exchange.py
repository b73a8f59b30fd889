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
def exchange(db: SQLAlchemy) -> Iterator[Any]:
    """Lend the session; leave it usable whatever happens.

    :raises TemporarilyUnavailableError: the database cannot do it at the moment.
    """
    session = db.session
    try:
        yield session
    except (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError) as error:
        session.rollback()
        # The error's own text has the statement's parameters in it.
        reason = getattr(error, "orig", None) or type(error).__name__
        log.error("The database cannot be used: %s", reason)
        raise TemporarilyUnavailableError from None
