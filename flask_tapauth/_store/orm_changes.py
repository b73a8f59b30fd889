"""Notice the changes that a host makes to our models through SQLAlchemy's ORM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event, orm

from ..models import ClientMixin, TokenMixin
from .internal_models import FamilyMixin
from .models import Models
from .token_cache import TokenCache

_CHANGED: Final = "tapauth_changed"
_OURS: Final = {
    "client_pk",  # not in a mixin: its foreign key depends on the client model
    *(name for mixin in (ClientMixin, TokenMixin, FamilyMixin) for name in dir(mixin)),
}
"""The attributes that are ours."""


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
        # Once in a transaction, and in a savepoint, whose rollback would undo it.
        transaction = session.get_nested_transaction() or session.get_transaction()
        if session.info.get(_CHANGED) is not transaction:
            session.info[_CHANGED] = transaction
            cache.publish_in_transaction(connection)
        # Listen on this session: it may be another than `db.session`.
        if not event.contains(session, "after_transaction_end", ended):
            event.listen(session, "after_transaction_end", ended)

    def updated(mapper: Any, connection: sa.Connection, target: Any) -> None:
        # SQLAlchemy calls this for each object of a flush, even an unchanged one, or
        # one of which only a column of the host's has changed.
        if any(
            attribute.history.has_changes()
            for attribute in sa.inspect(target).attrs
            if attribute.key in _OURS
        ):
            changed(mapper, connection, target)

    # Not "after_commit": a listener of the host that raises there would keep ours from
    # running. After a rollback, this empties the cache in vain.
    def ended(session: orm.Session, transaction: orm.SessionTransaction) -> None:
        # The end of a savepoint also sends this event, before the commit.
        if transaction.parent is not None:
            return
        is_changed = session.info.pop(_CHANGED, None) is not None
        cache = current_cache()
        if is_changed and cache is not None:
            cache.publish_after_commit()

    for model in (models.client, models.token, models.family):
        # Before the flush: afterwards, an attribute that was set to an SQL expression
        # has no history.
        event.listen(model, "before_update", updated, propagate=True)
        event.listen(model, "after_delete", changed, propagate=True)
