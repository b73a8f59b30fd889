"""Notice the changes that a host makes to our models through SQLAlchemy's ORM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event, orm

from .models import Models
from .token_cache import TokenCache

_CHANGED: Final = "tapauth_changed"


def watch_orm_changes(
    models: Models, current_cache: Callable[[], TokenCache | None]
) -> None:
    """Empty the token cache when a client, a token or a family changes.

    A host may write ``client.disabled_at = now`` or ``db.session.delete(client)``
    without calling us. Statements that name no object, such as ``sa.update(Client)``,
    send no event: the cache then keeps the old row until its timeout.

    :param current_cache: returns the current app's cache; None outside of an app.
    """

    def changed(_: Any, connection: sa.Connection, target: Any) -> None:
        cache, session = current_cache(), orm.object_session(target)
        if cache is None or session is None:
            return
        cache.publish_in_transaction(connection)
        session.info[_CHANGED] = True
        # Listen on this session: it may be another than `db.session`.
        if not event.contains(session, "after_transaction_end", ended):
            event.listen(session, "after_transaction_end", ended)

    def updated(mapper: Any, connection: sa.Connection, target: Any) -> None:
        # SQLAlchemy calls this for each object of a flush, even an unchanged one.
        session = orm.object_session(target)
        if session is not None and session.is_modified(target):
            changed(mapper, connection, target)

    # Not "after_commit": a listener of the host that raises there would keep ours from
    # running. After a rollback, this empties the cache in vain.
    def ended(session: orm.Session, transaction: orm.SessionTransaction) -> None:
        # The end of a savepoint also sends this event, before the commit.
        if transaction.parent is not None or not session.info.pop(_CHANGED, False):
            return
        cache = current_cache()
        if cache is not None:
            cache.publish_after_commit()

    for model in (models.client, models.token, models.family):
        # Before the flush: afterwards, `is_modified` misses an attribute that was set
        # to an SQL expression.
        event.listen(model, "before_update", updated, propagate=True)
        event.listen(model, "after_delete", changed, propagate=True)
