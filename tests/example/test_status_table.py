"""The seed's table of status codes, row by row, over a socket."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

import pytest
import requests

from ..conftest import is_bare
from .conftest import Api, Example

_numbers = count(1)


def new_customer() -> dict[str, Any]:
    number = next(_numbers)
    return {
        "name": f"Person {number}",
        "email": f"person.{number}@example.org",
        "country": "NL",
    }


def test_find_page_is_200(api: Api) -> None:
    """The seed: findPage, by page and limit."""
    first = api("GET", "/orders", params={"page": 1, "limit": 3})
    second = api("GET", "/orders", params={"page": 2, "limit": 3})

    assert (first.status_code, second.status_code) == (200, 200)
    ids = [record["id"] for record in first.json()["data"] + second.json()["data"]]
    assert ids == [1, 2, 3, 4, 5, 6]
    assert first.json()["total"]["count"] == 400


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('{"status": "paid"}', lambda o: o["status"] == "paid"),
        ('{"total": {"gte": 9000, "lt": 9900}}', lambda o: 9000 <= o["total"] < 9900),
        (
            '{"ordered_on": {"gt": "2026-06-01"}}',
            lambda o: o["ordered_on"] > "2026-06-01",
        ),
    ],
)
def test_find_page_takes_a_filter(api: Api, condition: str, holds: Any) -> None:
    """The seed: findPage; every record that is answered fits, and some do."""
    answer = api("GET", "/orders", params={"filter": condition, "limit": 100})

    records = answer.json()["data"]
    assert answer.status_code == 200
    assert 0 < answer.json()["total"]["count"] < 400
    assert [record for record in records if not holds(record)] == []


def test_find_by_id_is_200(api: Api) -> None:
    """The seed: findById."""
    answer = api("GET", "/customers/1")

    assert (answer.status_code, answer.json()["id"]) == (200, 1)


@pytest.mark.parametrize("path", ["/customers/top-spenders", "/orders/daily-revenue"])
def test_a_custom_method_is_200(api: Api, path: str) -> None:
    """The seed: custom methods."""
    answer = api("GET", path)

    assert answer.status_code == 200
    assert len(answer.json()["data"]) >= 10


def test_create_is_200_update_and_delete_are_204(api: Api) -> None:
    """The seed: create answers the record, updateById and deleteById nothing."""
    created = api("POST", "/customers", json=new_customer())
    assert created.status_code == 200
    path = f"/customers/{created.json()['id']}"

    updated = api("PATCH", path, json={"country": "FR"})
    assert (updated.status_code, updated.content) == (204, b"")
    assert api("GET", path).json() == {**created.json(), "country": "FR"}

    deleted = api("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert api("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"country": "FR"}), ("DELETE", None)]
)
@pytest.mark.parametrize("record", ["999999", "99999999999999999999", "0"])
def test_a_record_that_does_not_exist_is_404(
    api: Api, method: str, body: Any, record: str
) -> None:
    """The seed: deleting, updating or querying non-existent records."""
    answer = api(method, f"/customers/{record}", json=body)

    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_a_missing_token_is_401(example: Example) -> None:
    """The seed: not provided."""
    answer = requests.get(f"{example.url}/api/v1/orders", timeout=10)

    assert answer.status_code == 401
    assert is_bare(answer.headers["WWW-Authenticate"])


def test_an_expired_token_is_401(api: Api, example: Example) -> None:
    """The seed: expired; with RFC 6750's code."""
    arguments = ("tokens", "issue", example.client_id, "--expires-in", "1", "--json")
    token = json.loads(example.run(*arguments))["access_token"]
    deadline = time.monotonic() + 10
    while (answer := api("GET", "/orders", token=token)).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"


@pytest.mark.parametrize(
    ("method", "path", "change"),
    [
        pytest.param("POST", "/customers", {"email": None}, id="unique, create"),
        pytest.param("PATCH", "/customers/2", {"email": None}, id="unique, update"),
        pytest.param("POST", "/customers", {"country": "Holland"}, id="check, create"),
        pytest.param("PATCH", "/orders/1", {"total": -1}, id="check, update"),
        pytest.param("PATCH", "/orders/1", {"status": "lost"}, id="unknown status"),
        pytest.param("PATCH", "/orders/1", {"customer_id": 999999}, id="reference"),
    ],
)
def test_a_violated_constraint_is_500_and_changes_nothing(
    api: Api, method: str, path: str, change: dict[str, Any]
) -> None:
    """The seed: unique constraints, failed validation; JSON, nothing half-written."""
    taken = api("GET", "/customers/1").json()["email"]
    change = {name: taken if value is None else value for name, value in change.items()}
    body = {**new_customer(), **change} if method == "POST" else change
    before = api("GET", path).json()

    answer = api(method, path, json=body)

    assert answer.status_code == 500
    assert answer.json().keys() == {"error", "error_description"}
    assert api("GET", path).json() == before


def test_a_customer_with_orders_is_kept(api: Api) -> None:
    """The seed: a violated constraint of the store, at a deletion."""
    customer = api("GET", "/orders/1").json()["customer_id"]

    assert api("DELETE", f"/customers/{customer}").status_code == 500
    assert api("GET", f"/customers/{customer}").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"data": "{", "headers": {"Content-Type": "application/json"}},
        {"json": []},
        {"json": {}},
        {"json": {"nickname": "x"}},
        {"json": {"name": 1}},
        {"json": {"name": "a\0b"}},
        {"json": {"name": "\ud800"}},
        {"data": b'{"name": "a\xff\xfeb"}'},
    ],
    ids=str,
)
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PATCH", "/1")])
def test_a_body_that_cannot_be_meant_is_400(
    api: Api, sent: dict[str, Any], method: str, path: str
) -> None:
    """Bad input gets a clear error and loses nothing."""
    sent.pop("headers", None)
    answer = api(method, f"/customers{path}", **sent)

    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"


@pytest.mark.parametrize(
    "params",
    [
        {"page": "0"},
        {"page": "x"},
        {"page": "9" * 400},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "0000000200"},
        {"filter": "{"},
        {"filter": "[]"},
        {"filter": '{"secret": 1}'},
        {"filter": '{"total": "1"}'},
        {"filter": '{"total": {"like": 1}}'},
        {"filter": '{"total": 99999999999999999999}'},
        {"filter": '{"ordered_on": "yesterday"}'},
        {"filter": "[" * 1_200},
    ],
    ids=str,
)
def test_a_page_that_cannot_be_meant_is_400(api: Api, params: dict[str, str]) -> None:
    """Bad input gets a clear error."""
    answer = api("GET", "/orders", params=params)

    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"


def test_an_unknown_route_is_404_as_json(api: Api) -> None:
    """The seed: 404; the API speaks JSON throughout."""
    answer = api("GET", "/suppliers")

    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
