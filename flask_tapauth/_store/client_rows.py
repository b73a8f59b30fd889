"""Add rows that belong to a client, and select rows by their client or their user."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc

from .._base.moments import has_passed
from ..errors import RegistrationError
from ..models import ClientMixin
from .client_use import is_due, is_due_in_database
from .sessions import check_may_commit, host_session, is_in_hosts_transaction


@contextmanager
def inserting_for_client(
    db: SQLAlchemy, client_model: Any, client: ClientMixin
) -> Iterator[Any]:
    """Lend the session to insert rows of a client, and commit them.

    In a transaction that the host began, the rows are inserted there, in a savepoint
    that keeps the host's pending work if an insert fails. After a commit, a tenant that
    the host chose for its transaction would no longer be chosen, and the same key could
    be another client's. Otherwise what the host's hooks and receivers wrote is
    committed first, so that a retry does not lose it.

    The client counts as used, which is written every few minutes at most.

    :raises RegistrationError: the client was deleted in the meantime.
    :raises TemporarilyUnavailableError: the database is out of service, or refused.
    """
    client_pk, last_used_at = client.id, client.last_used_at
    check_may_commit(db.session())
    is_hosts = is_in_hosts_transaction(db.session())
    with host_session(db, new_transaction=not is_hosts) as session:
        try:
            with session.begin_nested() if is_hosts else nullcontext():
                yield session
                if is_due(last_used_at):
                    now = int(time.time())
                    session.execute(
                        sa.update(client_model)
                        .where(
                            client_model.id == client_pk,
                            is_due_in_database(client_model.last_used_at, now),
                        )
                        .values(last_used_at=now)
                        .execution_options(synchronize_session=False)
                    )
        except exc.IntegrityError:
            if not is_hosts:
                session.rollback()
            find_key = sa.select(client_model.id).where(client_model.id == client_pk)
            if session.scalar(find_key):
                raise  # another constraint: `host_session` turns it into 503
            raise RegistrationError("the client was deleted") from None
        session.commit()


def is_of_document(client_model: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a client is the URL of a document about itself."""
    condition: sa.ColumnElement[bool] = client_model.client_id.like("https://%")
    return condition


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


def begins_with(digest: Any, start: bytes) -> sa.ColumnElement[bool]:
    """Return the condition that a digest begins so; the primary key's index serves it.

    :param digest: a column of 32 bytes.
    """
    condition: sa.ColumnElement[bool] = digest.between(
        start.ljust(32, b"\x00"), start.ljust(32, b"\xff")
    )
    return condition


def withdrawn(
    is_revoked: bool, client_disabled_at: int | None, client_expires_at: int | None
) -> str | None:
    """Return why a token is not accepted before it expires; None if it is."""
    if is_revoked:
        return "revoked"
    if client_disabled_at is not None:
        return "client_disabled"
    return "client_expired" if has_passed(client_expires_at) else None


def in_state(
    state: str, expires_at: Any, is_withdrawn: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that select tokens of a state.

    :param state: ``active``, ``expired``, ``revoked``; another selects all tokens.
    """
    is_expired = expires_at <= int(time.time())
    return {
        "active": [~is_expired, ~is_withdrawn],
        "expired": [is_expired],
        "revoked": [~is_expired, is_withdrawn],
    }.get(state, [])


def is_shut_out(client: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a client is disabled, or its secret has expired."""
    has_expired = client.secret_expires_at <= int(time.time())
    return sa.or_(
        client.disabled_at.is_not(None), sa.func.coalesce(has_expired, sa.false())
    )
