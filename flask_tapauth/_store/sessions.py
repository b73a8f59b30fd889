"""Lend sessions of the host's kind, and turn errors of the database into 503."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc, pool
from sqlalchemy.orm import Session, SessionTransactionOrigin

from .._base.shown import shown
from ..errors import ConfigError, TemporarilyUnavailableError
from .database_errors import driver_message
from .retry import RetryableError, is_retryable

log = logging.getLogger(__name__)

_OUTAGES = (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError)
_OWN_TRANSACTION = "tapauth_transaction"
_EXPLICIT = (SessionTransactionOrigin.BEGIN, SessionTransactionOrigin.BEGIN_NESTED)
_SINGLE_CONNECTION_POOLS = (
    pool.StaticPool,
    pool.SingletonThreadPool,
    pool.AssertionPool,
)


class LookedUp(NamedTuple):
    """The result of a look-up."""

    row: Any
    is_cacheable: bool
    """Whether `row` is the last committed state. In a transaction of the host, it may
    be older, or not committed yet."""


@contextmanager
def host_session(db: SQLAlchemy, *, new_transaction: bool = False) -> Iterator[Any]:
    """Lend the host's ``db.session``, and leave it usable after a failure.

    :param new_transaction: commit the host's pending work first, so that a write that
        fails does not lose it. It also spares the write an older snapshot: at isolation
        levels that keep one (MariaDB's default from 11.6 on), a write would be refused
        where another transaction has changed the row since.
    :raises TemporarilyUnavailableError: the database is out of service, or refused.
    """
    session = db.session
    # A transaction that is open already may have work of the host, also if we began it:
    # its hooks and receivers run between our statements. A retry would leave that out.
    is_new = not session().in_transaction()
    if new_transaction:
        check_may_commit(session())
    try:
        if new_transaction:
            session.commit()
            is_new = True
        yield session
        if is_new:
            session.info[_OWN_TRANSACTION] = session().get_transaction()
    except (exc.TimeoutError, OSError) as error:
        if isinstance(error, OSError) and _can_connect(db):
            raise  # by a listener of the host, perhaps after the commit
        # There was no connection, so nothing was sent, and the host's pending work
        # is kept. Only a flush that has begun must be rolled back.
        if not session.is_active:
            session.rollback()
        raise unavailable(error) from None
    except _OUTAGES as error:
        session.rollback()
        raise unavailable(error, may_retry=is_new) from None


def check_sessions(db: SQLAlchemy) -> None:
    """:raises ConfigError: ``db.session`` begins no transaction by itself."""
    if not db.session.session_factory().autobegin:
        raise ConfigError(
            "TapAuth: db.session has autobegin=False, so our statements would find no "
            "transaction; leave that option out of session_options"
        )


def check_may_commit(session: Session) -> None:
    """:raises ConfigError: the host began a transaction by ``begin`` or
    ``begin_nested``. Until such a block ends, nothing can be sent after a commit."""
    transaction = session.get_nested_transaction() or session.get_transaction()
    if transaction is not None and transaction.origin in _EXPLICIT:
        raise ConfigError(
            "TapAuth: this would commit db.session in the middle of a transaction that "
            "was begun by db.session.begin() or begin_nested(); call it after that "
            "block, or begin the transaction without them"
        )


def is_in_hosts_transaction(session: Session) -> bool:
    """Tell whether the session is in a transaction that the host began."""
    transaction = session.get_transaction()
    return transaction is not None and transaction is not session.info.get(
        _OWN_TRANSACTION
    )


def look_up_first_row(
    db: SQLAlchemy,
    statement: sa.Select[Any],
    values: Mapping[str, Any],
    *,
    model: type[Any],
    shares_session: bool,
) -> LookedUp:
    """Return the first row of a statement, read in a short session of its own.

    The session is made as ``db.session`` is, so that the host's session options count.
    Afterwards no transaction is open and no connection is kept, and a failure does not
    touch ``db.session``. The transaction is a real one: with AUTOCOMMIT, a
    ``SET LOCAL`` that the host runs in each transaction would have no effect, and the
    connection would go back to the pool with another isolation level.

    :param model: the first model that the statement names.
    :param shares_session: read in ``db.session`` instead. This is also done where the
        engine has one connection only: a second session would wait for it forever.
    :raises TemporarilyUnavailableError: the database is out of service, or refused.
    """
    bind_arguments = {"mapper": sa.inspect(model), "clause": statement}
    if not shares_session:
        # The host's `get_bind` may choose a tenant's database by the session's `info`.
        options = {"info": db.session.info} if db.session.registry.has() else {}
        try:
            with db.session.session_factory(**options) as session:
                if not has_one_connection(session.get_bind(**bind_arguments)):
                    return LookedUp(session.execute(statement, values).first(), True)
        except (*_OUTAGES, OSError) as error:
            if getattr(error, "connection_invalidated", False):
                _reset_if_disconnected(db, bind_arguments)
            raise unavailable(error) from None
    with host_session(db) as session, session.no_autoflush:
        was_in_transaction = session().in_transaction()
        row = session.execute(statement, values).first()
        if not was_in_transaction:
            session.commit()
    return LookedUp(row, not was_in_transaction)


def _can_connect(db: SQLAlchemy) -> bool:
    """Tell whether each engine's `creator` connects. SQLAlchemy lets an OSError of a
    `creator` through, and turns only the driver's own errors into its own."""
    for engine in db.engines.values():
        connections = engine.engine.pool.recreate()  # the host's may all be in use
        try:
            connections.connect().close()
        except OSError:
            return False
        except exc.SQLAlchemyError:
            continue  # another database is out of reach
        finally:
            connections.dispose()
    return True


def _reset_if_disconnected(db: SQLAlchemy, bind_arguments: dict[str, Any]) -> None:
    """Roll ``db.session`` back if it has lost its connection as well. Otherwise
    Flask-SQLAlchemy would fail when it rolls back at the end of the request."""
    session = db.session
    if session.registry.has() and session().in_transaction():
        try:
            session.connection(bind_arguments=bind_arguments).execute(sa.select(1))
        except (*_OUTAGES, OSError):
            session.rollback()


def has_one_connection(bind: sa.Engine | sa.Connection) -> bool:
    """Tell whether a second session would wait for the first one's connection."""
    if isinstance(bind, sa.Connection):  # from a test that rolls back its changes
        return True
    connections = bind.pool
    return isinstance(connections, _SINGLE_CONNECTION_POOLS) or (
        isinstance(connections, pool.QueuePool) and connections.size() == 1
    )


def unavailable(
    error: Exception, may_retry: bool = True
) -> TemporarilyUnavailableError:
    """Log the driver's message, and return the error to raise.

    :param may_retry: whether the transaction that failed has no work of the host.
    """
    reason = shown(driver_message(error))
    if may_retry and is_retryable(error):
        log.warning("The database asks to try again: %s", reason)
        return RetryableError()
    log.error("The database cannot be used: %s", reason)
    return TemporarilyUnavailableError()
