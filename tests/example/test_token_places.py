"""The seed's four places of a token, over a socket to the example."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
import requests

from .conftest import Example

_numbers = count(1)


@pytest.mark.parametrize(
    "headers",
    [
        {"access_token": "{}"},
        {"Access-Token": "{}"},
        {"Authorization": "Bearer {}"},
        {"Authorization": "bearer {}"},
    ],
    ids=str,
)
def test_a_header_carries_it(example: Example, headers: dict[str, str]) -> None:
    """The seed: request header, and Bearer, which it writes in lower case."""
    token = example.token()

    answer = requests.get(
        f"{example.url}/api/v1/orders",
        headers={name: value.format(token) for name, value in headers.items()},
        timeout=10,
    )

    assert answer.status_code == 200


def test_the_url_carries_it(example: Example) -> None:
    """The seed: request url; RFC 6750 §2.3: kept from shared caches."""
    answer = requests.get(
        f"{example.url}/api/v1/orders",
        params={"access_token": example.token()},
        timeout=10,
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private"


def test_a_json_body_carries_it(example: Example) -> None:
    """The seed: request body; the record is made of the other members."""
    record: dict[str, Any] = {
        "name": "Body",
        "email": f"body.{next(_numbers)}@example.net",
        "country": "NO",
    }

    answer = requests.post(
        f"{example.url}/api/v1/customers",
        json={**record, "access_token": example.token()},
        timeout=10,
    )

    assert answer.status_code == 200
    assert answer.json().items() >= record.items()


def test_a_form_body_carries_it(example: Example) -> None:
    """The seed: request body; what is wrong with the rest is told after the token."""
    answer = requests.post(
        f"{example.url}/api/v1/customers",
        data={"access_token": example.token()},
        timeout=10,
    )

    assert answer.status_code == 400  # past the guard; the API itself wants JSON


def test_two_places_are_refused(example: Example) -> None:
    """RFC 6750 §2."""
    token = example.token()

    answer = requests.get(
        f"{example.url}/api/v1/orders",
        params={"access_token": token},
        headers={"access_token": token},
        timeout=10,
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


OPERATIONS = [
    ("GET", "", "read"),
    ("GET", "/1", "read"),
    ("POST", "", "create"),
    ("PATCH", "/1", "update"),
    ("DELETE", "/999999", "delete"),
]
CUSTOM = [
    ("GET", "customers/top-spenders", "customers:top-spenders"),
    ("GET", "orders/daily-revenue", "orders:daily-revenue"),
]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        (method, f"{collection}{path}", f"{collection}:{right}")
        for collection in ("customers", "orders")
        for method, path, right in OPERATIONS
    ]
    + CUSTOM,
)
def test_each_operation_has_its_own_scope(
    example: Example, method: str, path: str, scope: str
) -> None:
    """RFC 6749 §3.3: that scope opens it, and all others together do not."""
    described = json.loads(example.run("clients", "show", example.client_id, "--json"))
    others = " ".join(s for s in described["scope"].split() if s != scope)

    def status(token: str) -> int:
        return requests.request(
            method,
            f"{example.url}/api/v1/{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        ).status_code

    assert status(example.token(scope=scope)) != 403
    assert status(example.token(scope=others)) == 403
