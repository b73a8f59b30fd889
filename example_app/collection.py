"""The five routes of a collection. Each needs its own scope."""

from __future__ import annotations

from datetime import date
from typing import Any, NoReturn

import sqlalchemy as sa
from flask import Blueprint, Response, abort, jsonify

from flask_tapauth import require_token

from .models import db
from .parameters import MAX_INTEGER, read_condition, read_fields, read_page

_RECORD = "/<int:record_id>"


def make_collection(name: str, model: Any) -> Blueprint:
    """Return a blueprint that serves the records of a model.

    :param name: the last part of the URL, and the first part of the scopes.
    """
    routes = Blueprint(name, __name__, url_prefix=f"/api/v1/{name}")

    @routes.get("")
    @require_token(f"{name}:read")
    def find_page() -> Response:
        start, limit = read_page()
        wanted = sa.select(model).where(*read_condition(model))
        count = sa.select(sa.func.count()).select_from(wanted.subquery())
        page = wanted.order_by(model.id).offset(start).limit(limit)
        return jsonify(
            data=[_as_dict(record) for record in db.session.scalars(page)],
            total={"count": db.session.scalar(count)},
        )

    @routes.get(_RECORD)
    @require_token(f"{name}:read")
    def find_by_id(record_id: int) -> Response:
        # PostgreSQL would fail on a greater id instead of finding nothing.
        record = record_id <= MAX_INTEGER and db.session.get(model, record_id)
        if not record:
            _abort_without(record_id)
        return jsonify(_as_dict(record))

    @routes.post("")
    @require_token(f"{name}:create")
    def create() -> Response:
        record = model(**read_fields(model, all_of_them=True))
        db.session.add(record)
        db.session.commit()
        return jsonify(_as_dict(record))

    @routes.patch(_RECORD)
    @require_token(f"{name}:update")
    def update_by_id(record_id: int) -> tuple[str, int]:
        fields = read_fields(model, all_of_them=False)
        return _change(record_id, sa.update(model).values(fields))

    @routes.delete(_RECORD)
    @require_token(f"{name}:delete")
    def delete_by_id(record_id: int) -> tuple[str, int]:
        return _change(record_id, sa.delete(model))

    def _change(record_id: int, statement: Any) -> tuple[str, int]:
        if record_id > MAX_INTEGER:
            _abort_without(record_id)
        changed: Any = db.session.execute(statement.where(model.id == record_id))
        if not changed.rowcount:
            _abort_without(record_id)
        db.session.commit()
        return "", 204

    def _abort_without(record_id: int) -> NoReturn:
        abort(404, f"There is no record {record_id} in {name}.")

    return routes


def _as_dict(record: Any) -> dict[str, Any]:
    columns = sa.inspect(type(record)).columns
    values = {column.key: getattr(record, column.key) for column in columns}
    return {
        key: v.isoformat() if isinstance(v, date) else v for key, v in values.items()
    }
