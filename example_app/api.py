"""The REST API and its scopes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, jsonify

from flask_tapauth import require_token

from .collection import make_collection
from .models import Customer, Order, db

SCOPES = {
    "customers:read": "Look customers up",
    "customers:create": "Add customers",
    "customers:update": "Change customers",
    "customers:delete": "Delete customers",
    "customers:top-spenders": "See which customers spend most",
    "orders:read": "Look orders up",
    "orders:create": "Add orders",
    "orders:update": "Change orders",
    "orders:delete": "Delete orders",
    "orders:daily-revenue": "See what each day brought in",
}

customers = make_collection("customers", Customer)
orders = make_collection("orders", Order)

_COUNTS = Order.status != "cancelled"


@customers.get("/top-spenders")
@require_token("customers:top-spenders")
def top_spenders() -> Response:
    """The ten customers who spent most, with the amount in cents."""
    spent = sa.func.sum(Order.total).label("spent")
    rows = db.session.execute(
        sa.select(Customer.id, Customer.name, spent)
        .join(Order, Order.customer_id == Customer.id)
        .where(_COUNTS)
        .group_by(Customer.id, Customer.name)
        .order_by(spent.desc(), Customer.id)
        .limit(10)
    )
    return jsonify(data=[row._asdict() for row in rows])


@orders.get("/daily-revenue")
@require_token("orders:daily-revenue")
def daily_revenue() -> Response:
    """The revenue of each day, in cents."""
    return jsonify(data=revenue_by_day())


def revenue_by_day() -> list[dict[str, Any]]:
    rows = db.session.execute(
        sa.select(Order.ordered_on, sa.func.sum(Order.total))
        .where(_COUNTS)
        .group_by(Order.ordered_on)
        .order_by(Order.ordered_on)
    )
    return [{"day": day.isoformat(), "revenue": int(cents)} for day, cents in rows]
