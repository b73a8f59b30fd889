"""Talk to the database: in the host's transaction, or in none."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, exc, pool

from ..errors import TemporarilyUnavailableError

log = logging.getLogger(__name__)

_FAILURES = (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError)


@contextmanager
def exchange(db: SQLAlchemy, *, anew: bool = False) -> Iterator[Any]:
    """Lend the host's ``db.session``; leave it usable whatever happens.

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
    except _FAILURES as error:
        session.rollback()
        raise _unavailable(error) from None


class SingleStatements:
    """Statements of which each is all there is to do.

    On ``db.session`` such a one costs a BEGIN and a ROLLBACK beside it, and its
    connection stays in a transaction while the view works. So they go over connections
    of their own, of which each statement is committed as it is run.

    :param bind_key: which database they are for; None for the default one.
    :param share_session: stay on ``db.session``, for a host that needs all in one
        transaction. A database in memory is always shared: to another connection it
        would be another one.
    """

    def __init__(
        self, db: SQLAlchemy, bind_key: str | None, share_session: bool
    ) -> None:
        self._db = db
        self._bind_key = bind_key
        self._shares = share_session
        self._engine: sa.Engine | None = None
        self._process: int | None = None

    def are_shared(self) -> bool:
        """Tell whether all is done on ``db.session``."""
        return self._own_engine() is None

    def first(self, statement: sa.Select[Any], values: dict[str, Any]) -> Any:
        """Return the first row there is, or None.

        :raises TemporarilyUnavailableError: the database cannot do it at the moment.
        """
        engine = self._own_engine()
        if engine is None:
            with exchange(self._db) as session:
                return self._host_connection(session).execute(statement, values).first()
        try:
            with engine.connect() as connection:
                return connection.execute(statement, values).first()
        except _FAILURES as error:
            self._let_go(error)
            raise _unavailable(error) from None

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Lend a connection, and commit what was run on it.

        :raises TemporarilyUnavailableError: the database cannot do it at the moment.
        """
        engine = self._own_engine()
        if engine is None:
            with exchange(self._db) as session:
                yield self._host_connection(session)
                session.commit()
            return
        try:
            # There is something to commit where a host's listeners begin a transaction,
            # or take AUTOCOMMIT away.
            with engine.begin() as connection:
                yield connection
        except _FAILURES as error:
            self._let_go(error)
            raise _unavailable(error) from None

    def undo(self) -> None:
        """Leave the session usable after a statement that was refused."""
        if self._engine is None:
            self._db.session.rollback()

    def _let_go(self, error: Exception) -> None:
        """What took our connection away took the session's too, if it had one: at its
        end, Flask-SQLAlchemy would fall over that."""
        session = self._db.session
        if getattr(error, "connection_invalidated", False) and session.registry.has():
            session().invalidate()

    def _host_connection(self, session: Any) -> Any:
        return session.connection(bind_arguments={"bind": self._host_engine()})

    def _host_engine(self) -> Any:
        return self._db.engines[self._bind_key]

    def _own_engine(self) -> sa.Engine | None:
        """Return the engine of our own connections; None where there are none."""
        if not self._shares and self._process != os.getpid():
            self._find_engine()
        own = self._engine
        if own is not None:
            # Hosts may begin to listen at any time.
            host = self._host_engine()
            own._has_events = host._has_events
            own.dialect._has_events = host.dialect._has_events
            # MariaDB would be sent a ROLLBACK though there is nothing to roll back,
            # unless a listener has begun a transaction.
            own.dialect.skip_autocommit_rollback = not own.dispatch.begin
        return own

    def _find_engine(self) -> None:
        engine = self._host_engine()
        if not isinstance(engine, sa.Engine) or isinstance(
            engine.pool, (pool.StaticPool, pool.SingletonThreadPool)
        ):
            # One connection is all there is: a database in memory, or a test that puts
            # a connection of its own in the engine's place.
            self._shares = True
            return
        own = sa.create_engine(
            engine.url,
            pool=engine.pool.recreate(),
            isolation_level="AUTOCOMMIT",
            echo=engine.echo,
            hide_parameters=engine.hide_parameters,
            **_json_of(engine.dialect),
        )
        # As the host set its engine up; who listens to that hears ours too. There is no
        # public way to share listeners.
        options = {**engine.get_execution_options(), "isolation_level": "AUTOCOMMIT"}
        own.update_execution_options(**options)
        own.dispatch = engine.dispatch
        own.dialect.dispatch = engine.dialect.dispatch
        process = os.getpid()

        def dispose(_: object = None) -> None:
            # In a forked process the connections are still the other's.
            if os.getpid() == process:
                own.pool.dispose()
            own.pool = own.pool.recreate()

        # Whoever lets go of the host's connections, or of the app, lets go of these. No
        # statement of the host's shall look for listeners because of that.
        is_listened_to = engine._has_events
        event.listen(engine, "engine_disposed", dispose)
        engine._has_events = is_listened_to
        weakref.finalize(self, dispose)
        # A database that was restarted takes the connections of both pools.
        _age_together(engine, own)
        self._engine, self._process = own, process


def _json_of(dialect: sa.Dialect) -> dict[str, Any]:
    """Return the options of an engine that say how its JSON is read and written."""
    options = ("json_serializer", "json_deserializer")
    given = {name: getattr(dialect, f"_{name}", None) for name in options}
    return {name: value for name, value in given.items() if value is not None}


def _age_together(*engines: sa.Engine) -> None:
    """Where one pool learns that its connections are dead, have the others replace
    theirs at the next use, as SQLAlchemy does within a pool."""

    def age(*_: object) -> None:
        for engine in engines:
            engine.pool._invalidate_time = time.time()

    for engine in engines:
        event.listen(engine.pool, "invalidate", age)


def reason_of(error: Exception) -> str:
    """Return what the driver says of a failure, without the row that it was about.

    The error's own text has the statement's parameters in it, and the lines that follow
    the driver's first show the row, the secret's hash with it.
    """
    reason = getattr(error, "orig", None) or type(error).__name__
    return next(iter(str(reason).splitlines()), type(error).__name__)


def _unavailable(error: Exception) -> TemporarilyUnavailableError:
    log.error("The database cannot be used: %s", reason_of(error))
    return TemporarilyUnavailableError()
