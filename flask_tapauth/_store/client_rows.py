"""Add rows that belong to a client, and select rows by their client or their user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from ..errors import RegistrationError
from ..models import ClientMixin
from .sessions import check_may_commit, host_session, is_in_hosts_transaction


@contextmanager
def inserting_for_client(
    db: SQLAlchemy, client_model: Any, client_pk: int
) -> Iterator[Any]:
    """Lend the session to insert rows of a client, and commit them.

    In a transaction that the host began, the rows are inserted there, in a savepoint
    that keeps the host's pending work if an insert fails. After a commit, a tenant that
    the host chose for its transaction would no longer be chosen, and the same key could
    be another client's. Otherwise what the host's hooks and receivers wrote is
    committed first, so that a retry does not lose it.

    :raises RegistrationError: the client was deleted in the meantime.
    :raises TemporarilyUnavailableError: the database is out of service, or refused.
    """
    check_may_commit(db.session())
    is_hosts = is_in_hosts_transaction(db.session())
    with host_session(db, new_transaction=not is_hosts) as session:
        try:
            with session.begin_nested() if is_hosts else nullcontext():
                yield session
        except exc.IntegrityError:
            if not is_hosts:
                session.rollback()
            find_key = sa.select(client_model.id).where(client_model.id == client_pk)
            if session.scalar(find_key):
                raise  # another constraint: `host_session` turns it into 503
            raise RegistrationError("the client was deleted") from None
        session.commit()


def belongs_to(
    model: Any, client: ClientMixin | None, user_id: str | None
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that select the rows of a client, of a user, or of both.

    The list is empty, and selects all rows, if neither is given.
    """
    conditions = []
    if client is not None:
        conditions.append(model.client_pk == client.id)
    if user_id is not None:
        conditions.append(model.user_id == user_id)
    return conditions
