"""The status codes of the example API."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

import pytest
import requests

from ..conftest import names_no_error
from .conftest import Api, Example

_numbers = count(1)


def new_customer() -> dict[str, Any]:
    number = next(_numbers)
    return {
        "name": f"Person {number}",
        "email": f"person.{number}@example.org",
        "country": "NL",
    }


def test_a_page_of_records_is_a_200(api: Api) -> None:
    """A caller reads a collection page by page."""
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
def test_a_filter_selects_records(api: Api, condition: str, holds: Any) -> None:
    """All records on the page match, and there are some."""
    answer = api("GET", "/orders", params={"filter": condition, "limit": 100})

    records = answer.json()["data"]
    assert answer.status_code == 200
    assert 0 < answer.json()["total"]["count"] < 400
    assert [record for record in records if not holds(record)] == []


def test_a_record_by_its_id_is_a_200(api: Api) -> None:
    """RFC 9110 §15.3.1."""
    answer = api("GET", "/customers/1")

    assert (answer.status_code, answer.json()["id"]) == (200, 1)


@pytest.mark.parametrize("path", ["/customers/top-spenders", "/orders/daily-revenue"])
def test_a_report_is_a_200(api: Api, path: str) -> None:
    """A route of its own, with a scope of its own."""
    answer = api("GET", path)

    assert answer.status_code == 200
    assert len(answer.json()["data"]) >= 10


def test_a_creation_is_a_200_and_a_change_or_deletion_is_a_204(api: Api) -> None:
    """A creation returns the record; a change and a deletion return no body."""
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
def test_a_record_that_does_not_exist_is_a_404(
    api: Api, method: str, body: Any, record: str
) -> None:
    """RFC 9110 §15.5.5: to read, to change or to delete."""
    answer = api(method, f"/customers/{record}", json=body)

    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_a_missing_token_is_a_401(example: Example) -> None:
    """RFC 6750 §3.1: a request without a token gets no error code."""
    answer = requests.get(f"{example.url}/api/v1/orders", timeout=10)

    assert answer.status_code == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])


def test_an_expired_token_is_a_401(api: Api, example: Example) -> None:
    """RFC 6750 §3.1: the error code is `invalid_token`."""
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
def test_a_violated_constraint_is_a_500_and_changes_nothing(
    api: Api, method: str, path: str, change: dict[str, Any]
) -> None:
    """The answer is JSON, and no part of the change is stored."""
    taken = api("GET", "/customers/1").json()["email"]
    change = {name: taken if value is None else value for name, value in change.items()}
    body = {**new_customer(), **change} if method == "POST" else change
    before = api("GET", path).json()

    answer = api(method, path, json=body)

    assert answer.status_code == 500
    assert answer.json().keys() == {"error", "error_description"}
    assert api("GET", path).json() == before


def test_a_customer_with_orders_cannot_be_deleted(api: Api) -> None:
    """The orders would refer to a customer that does not exist."""
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
def test_an_invalid_body_is_a_400(
    api: Api, sent: dict[str, Any], method: str, path: str
) -> None:
    """RFC 9110 §15.5.1: the mistake is the caller's, so it is no 500."""
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
def test_an_invalid_page_or_filter_is_a_400(api: Api, params: dict[str, str]) -> None:
    """RFC 9110 §15.5.1: the mistake is the caller's, so it is no 500."""
    answer = api("GET", "/orders", params=params)

    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"


def test_an_unknown_route_is_a_404_in_json(api: Api) -> None:
    """A client of the API parses every answer as JSON."""
    answer = api("GET", "/suppliers")

    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
