"""The tools of the MCP server: what an agent can ask the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from .api import revenue_by_day
from .models import Customer, db

SCOPES = ("customers:read", "orders:daily-revenue")
"""What the tools need."""

_LIMIT = 20


class ArgumentError(ValueError):
    """An argument of a tool is wrong."""


@dataclass(frozen=True)
class Tool:
    """A function that agents can call.

    :param properties: its arguments, each in JSON Schema. All are optional texts.
    """

    name: str
    description: str
    call: Callable[..., list[dict[str, Any]]]
    properties: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": self.properties,
                "additionalProperties": False,
            },
        }

    def run(self, arguments: Any) -> list[dict[str, Any]]:
        known = ", ".join(self.properties) or "none"
        if not isinstance(arguments, dict) or arguments.keys() - self.properties:
            raise ArgumentError(f"The arguments of {self.name} are: {known}.")
        for name, value in arguments.items():
            if not isinstance(value, str) or "\0" in value:
                raise ArgumentError(f"{name} must be a text.")
        return self.call(**arguments)


def _find_customers(name: str = "", country: str = "") -> list[dict[str, Any]]:
    wanted = sa.select(Customer).where(Customer.name.icontains(name, autoescape=True))
    if country:
        wanted = wanted.where(Customer.country == country.upper())
    found = db.session.scalars(wanted.order_by(Customer.id).limit(_LIMIT))
    return [
        {"id": each.id, "name": each.name, "country": each.country} for each in found
    ]


_TOOLS = (
    Tool(
        "find_customers",
        f"Find customers by name or country, at most {_LIMIT}.",
        _find_customers,
        {
            "name": {"type": "string", "description": "A part of the name"},
            "country": {"type": "string", "description": "Two letters, such as DE"},
        },
    ),
    Tool(
        "daily_revenue",
        "The revenue of each day, in cents. Cancelled orders do not count.",
        revenue_by_day,
    ),
)
TOOLS = {tool.name: tool for tool in _TOOLS}
