"""Make entities of rows that were read outside of their session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

_AT_ONCE = (False, "joined", "selectin", "subquery", "immediate")
"""How relationships are loaded with the entity that they are of."""


def columns_of(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """Return the columns that a model stores, by its attributes; others compute."""
    return {
        attribute.key: column
        for attribute in mapper.column_attrs
        for column in attribute.columns[:1]
        if isinstance(column, sa.Column)
    }


class Entities:
    """Makes entities of one model that can be made of a row of its table.

    The ORM's own way begins and ends a transaction for its SELECT, and takes twice as
    long. What comes of this is an entity of the session like any other: attributes that
    the row does not have are read when they are asked for.

    :param mapper: of the model.
    """

    def __init__(self, mapper: Mapper[Any]) -> None:
        self._mapper = mapper
        columns = {
            name: column
            for name, column in columns_of(mapper).items()
            if not mapper.column_attrs[name].deferred
        }
        self._names = [*columns]
        self._is_one_of_several = mapper.inherits or mapper.polymorphic_on is not None
        self._brings_others = any(
            attribute.lazy in _AT_ONCE for attribute in mapper.relationships
        )
        # Hosts may name columns otherwise than their attributes.
        self.select = sa.select(*(c.label(name) for name, c in columns.items()))

    def are_made_of_rows(self, session: Session) -> bool:
        """Tell whether a row is enough to know its entity: whose class may depend on
        it, what else may come with it, who may want to hear of each that is loaded, or
        choose which may be."""
        heard = session.dispatch
        return not (
            self._is_one_of_several
            or self._brings_others
            or self._mapper.class_manager.dispatch.load
            or heard.loaded_as_persistent
            or heard.do_orm_execute
        )

    def add(self, session: Session, row: Sequence[Any]) -> Any:
        """Return the entity of a row, which becomes the session's.

        One that the session has already is brought up to date, but for what the host
        has changed in it.
        """
        entity = self._mapper.class_manager.new_instance()
        # As `set_committed_value` does for columns, one by one.
        vars(entity).update(zip(self._names, row, strict=True))
        make_transient_to_detached(entity)
        known = session.identity_map.get(sa.inspect(entity).key)
        if known is None:
            session.add(entity)
            return entity
        for name in sa.inspect(known).unmodified.intersection(self._names):
            set_committed_value(known, name, getattr(entity, name))
        return known
