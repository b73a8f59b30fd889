"""Describe the REST API in OpenAPI 3.1: its routes, its fields, and their scopes."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from .api import SCOPES
from .models import Customer, Order, tapauth

_TYPES: dict[type, dict[str, str]] = {
    int: {"type": "integer"},
    str: {"type": "string"},
    date: {"type": "string", "format": "date"},
}

_ABOUT = """\
Customers and orders, each route with a scope of its own.

A request carries its access token in one place: `Authorization: Bearer`, the header
`Access-Token` or `access_token`, the parameter `access_token` of the URL, or the member
`access_token` of a JSON body. For the last, OpenAPI has no security scheme.
"""

_PAGE_PARAMETERS = [
    {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}},
    {
        "name": "filter",
        "in": "query",
        "schema": {"type": "string"},
        "description": (
            'A JSON object, such as `{"status": "paid", "total": {"gte": 5000}}`. '
            "The tests are gt, gte, lt, lte and ne."
        ),
    },
]


def describe_api() -> dict[str, Any]:
    """Return the OpenAPI document."""
    report = {"200": _answer(_ref("Data"))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The example API of Flask-TapAuth",
            "version": "1",
            "description": _ABOUT,
        },
        "paths": {
            **_describe_collection("customers", "customer"),
            "/api/v1/customers/top-spenders": {
                "get": _operation("customers:top-spenders", report)
            },
            **_describe_collection("orders", "order"),
            "/api/v1/orders/daily-revenue": {
                "get": _operation("orders:daily-revenue", report)
            },
        },
        "components": {
            "schemas": {
                "customer": _schema(Customer),
                "order": _schema(Order),
                "Data": _object(data={"type": "array", "items": {"type": "object"}}),
                "Error": _object(error=_TYPES[str], error_description=_TYPES[str]),
            },
            "securitySchemes": tapauth.openapi_security_schemes(),
        },
    }


def _describe_collection(name: str, record: str) -> dict[str, Any]:
    """Describe the routes of :func:`.collection.make_collection`."""
    page = _object(
        data={"type": "array", "items": _ref(record)},
        total=_object(count=_TYPES[int]),
    )
    found = {"200": _answer(_ref(record))}
    gone = _refusals("404")
    # 500 where the database refuses a record.
    changed = {"204": {"description": "Done"}} | gone | _refusals("500")
    body = {"requestBody": {"required": True, "content": _json(_ref(record))}}
    record_id = {"name": "id", "in": "path", "required": True, "schema": _TYPES[int]}
    return {
        f"/api/v1/{name}": {
            "get": _operation(f"{name}:read", {"200": _answer(page)})
            | {"parameters": _PAGE_PARAMETERS},
            "post": _operation(f"{name}:create", found | _refusals("500")) | body,
        },
        f"/api/v1/{name}/{{id}}": {
            "parameters": [record_id],
            "get": _operation(f"{name}:read", found | gone, f"Look one {record} up"),
            "patch": _operation(f"{name}:update", changed) | body,
            "delete": _operation(f"{name}:delete", changed),
        },
    }


def _operation(
    scope: str, answers: dict[str, Any], summary: str = ""
) -> dict[str, Any]:
    return {
        "tags": [scope.partition(":")[0]],
        "summary": summary or SCOPES[scope],
        "description": f"Needs the scope `{scope}`.",
        "security": [
            {scheme: [scope]} for scheme in tapauth.openapi_security_schemes()
        ],
        "responses": answers | _refusals("400", "401", "403"),
    }


def _refusals(*statuses: str) -> dict[str, Any]:
    return {status: _answer(_ref("Error"), "Refused") for status in statuses}


def _schema(model: Any) -> dict[str, Any]:
    """Describe a record. Its id is in answers only."""
    fields: dict[str, Any] = {
        column.key: _TYPES[column.type.python_type]
        for column in sa.inspect(model).columns
    }
    return _object(**{**fields, "id": {**_TYPES[int], "readOnly": True}})


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _answer(schema: dict[str, Any], description: str = "Done") -> dict[str, Any]:
    return {"description": description, "content": _json(schema)}
