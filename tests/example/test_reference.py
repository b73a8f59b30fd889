"""The OpenAPI document of the example says what the API does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from openapi_spec_validator import validate

import example_app
from example_app.models import db

from .conftest import Api, Example


class Operation(NamedTuple):
    method: str
    path: str
    described: dict[str, Any]

    @property
    def scope(self) -> str:
        scope: str = self.described["security"][0]["oauth2"][0]
        return scope


@pytest.fixture(scope="module")
def document(example: Example) -> dict[str, Any]:
    answer = requests.get(f"{example.url}/openapi.json", timeout=10)
    read: dict[str, Any] = answer.json()
    return read


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, described in item.items():
            if method != "parameters":
                yield Operation(method.upper(), path, described)


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    """OpenAPI 3.1.0: a generator of clients reads it, too."""
    validate(document)


def test_the_document_describes_every_route(
    document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A route without its entry in the reference is found by nobody."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'example.db'}")
    app = example_app.create_app()
    with app.app_context():
        db.engine.dispose()
    routes = {
        (method, re.sub(r"<int:record_id>", "{id}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(o.method, o.path) for o in operations(document)} == routes
    assert len(routes) == 12


def test_each_operation_needs_the_scope_that_is_described(
    document: dict[str, Any], example: Example
) -> None:
    """RFC 6749 §3.3: with this scope alone it is allowed, with all others it is not."""
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]
    scopes = set(flow["clientCredentials"]["scopes"])

    def status(operation: Operation, scope: str) -> int:
        return requests.request(
            operation.method,
            example.url + operation.path.format(id=999_999),
            headers={"Authorization": f"Bearer {example.token(scope=scope)}"},
            timeout=10,
        ).status_code

    for operation in operations(document):
        others = " ".join(scopes - {operation.scope})
        assert status(operation, operation.scope) in (200, 400, 404), operation
        assert status(operation, others) == 403, operation


def test_each_security_scheme_is_accepted(
    document: dict[str, Any], example: Example, api: Api
) -> None:
    """OpenAPI 3.1.0, Security Scheme Object: the guard reads these names."""
    schemes = document["components"]["securitySchemes"]
    header = schemes["access_token_header"]
    parameter = schemes["access_token_query"]
    flow = schemes["oauth2"]["flows"]["clientCredentials"]
    assert (header["in"], parameter["in"]) == ("header", "query")
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}
    assert flow["tokenUrl"] == "/oauth/token"

    orders = f"{example.url}/api/v1/orders"
    for sent in (
        {"headers": {header["name"]: api.token}},
        {"params": {parameter["name"]: api.token}},
    ):
        assert requests.get(orders, timeout=10, **sent).status_code == 200, sent  # type: ignore[arg-type]


def test_a_record_has_the_fields_that_are_described(
    document: dict[str, Any], api: Api
) -> None:
    """The schemas are those of the database."""
    schemas = document["components"]["schemas"]

    for path, name in (("/customers/1", "customer"), ("/orders/1", "order")):
        assert schemas[name]["properties"].keys() == api("GET", path).json().keys()
