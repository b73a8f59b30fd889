"""The four places where the example accepts a token, over a socket."""

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
def test_a_token_in_a_header_is_accepted(
    example: Example, headers: dict[str, str]
) -> None:
    """RFC 9110 §11.1: the name of the scheme is case-insensitive."""
    token = example.token()

    answer = requests.get(
        f"{example.url}/api/v1/orders",
        headers={name: value.format(token) for name, value in headers.items()},
        timeout=10,
    )

    assert answer.status_code == 200


def test_a_token_in_the_url_is_accepted(example: Example) -> None:
    """RFC 6750 §2.3: the answer must not stay in shared caches."""
    answer = requests.get(
        f"{example.url}/api/v1/orders",
        params={"access_token": example.token()},
        timeout=10,
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private"


def test_a_token_in_a_json_body_is_accepted(example: Example) -> None:
    """The record consists of the other members of the body."""
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


def test_a_token_in_a_form_is_accepted(example: Example) -> None:
    """RFC 6750 §2.2: the API itself refuses the form, after the check of the token."""
    answer = requests.post(
        f"{example.url}/api/v1/customers",
        data={"access_token": example.token()},
        timeout=10,
    )

    assert answer.status_code == 400  # not 401; the API itself expects JSON


def test_tokens_in_two_places_are_refused(example: Example) -> None:
    """RFC 6750 §2: one method per request."""
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
    """RFC 6749 §3.3: a token with all other scopes is refused."""
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
