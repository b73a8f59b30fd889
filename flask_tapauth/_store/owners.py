"""Whose rows a statement is about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..models import ClientMixin


def owned_by(
    model: Any, client: ClientMixin | None, user_id: str | None
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that rows are of a client, of a person, or of one for the
    other; none where neither is named."""
    conditions = []
    if client is not None:
        conditions.append(model.client_pk == client.id)
    if user_id is not None:
        conditions.append(model.user_id == user_id)
    return conditions
