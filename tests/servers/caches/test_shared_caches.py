"""A shared cache serves no answer to a token to another caller."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from .. import host
from ..conftest import Stored
from ..exchange import Answer, exchange, form_request, request

VIEWS = ["/whoami", "/missing", "/minute"]


def get(port: int, url: str, *headers: str) -> Answer:
    return exchange(port, request(f"GET {url}", *headers))


def post(port: int, url: str, token: str | None = None) -> Answer:
    body = urlencode({"access_token": token} if token else {}).encode()
    return exchange(port, form_request(f"POST {url}", body))


def test_the_cache_keeps_an_answer_of_an_open_view(cache: int, query: str) -> None:
    """The other tests prove something only if the cache works."""
    first, second = (get(cache, f"/open?{query}") for _ in range(2))

    assert first.status == second.status == 200
    assert first.json == second.json


@pytest.mark.parametrize("view", VIEWS)
def test_an_answer_to_a_token_is_not_served_without_a_token(
    cache: int, stored: Stored, query: str, view: str
) -> None:
    """Varnish served one caller's data to everybody for two minutes."""
    opened = get(cache, f"{view}?{query}", f"Access-Token: {stored.token}")
    refused = get(cache, f"{view}?{query}")

    assert opened.status == (404 if view == "/missing" else 200)
    assert stored.client_id.encode() in opened.body
    assert refused.status == 401
    assert refused.json["error"] == "invalid_token"


@pytest.mark.parametrize("view", VIEWS)
def test_an_answer_to_a_token_is_not_served_to_another_token(
    cache: int, stored: Stored, issue_token: Callable[[], str], query: str, view: str
) -> None:
    """RFC 9111 §3.5 protects only `Authorization`; our header needs `private`."""
    other = issue_token()
    get(cache, f"{view}?{query}", f"Access-Token: {stored.token}")
    answer = get(cache, f"{view}?{query}", f"Access-Token: {other}")

    assert answer.status == (404 if view == "/missing" else 200)
    assert stored.client_id.encode() not in answer.body


def test_a_refusal_is_not_served_to_a_token(
    cache: int, stored: Stored, query: str
) -> None:
    """A caller with a valid token got the refusal of the caller before."""
    refused = get(cache, f"/whoami?{query}")
    opened = get(cache, f"/whoami?{query}", f"Access-Token: {stored.token}")

    assert refused.status == 401
    assert opened.status == 200
    assert opened.json == {"client_id": stored.client_id}


def test_an_anonymous_answer_is_not_served_to_a_token(
    cache: int, stored: Stored, query: str
) -> None:
    """`optional=True`: a caller with a token was answered as if it had none."""
    nobody = get(cache, f"/maybe?{query}")
    somebody = get(cache, f"/maybe?{query}", f"Access-Token: {stored.token}")
    nobody_again = get(cache, f"/maybe?{query}")

    assert nobody.json == nobody_again.json == {"client_id": None}
    assert somebody.json == {"client_id": stored.client_id}


def test_the_answer_to_a_revoked_token_in_a_url_is_not_kept(
    cache: int, stored: Stored, issue_token: Callable[[], str], query: str
) -> None:
    """RFC 6750 §2.3: the next request must reach the app, which refuses it."""
    token = issue_token()
    url = f"/whoami?{query}&access_token={token}"
    opened = get(cache, url)
    host.tapauth.tokens.revoke_all(client=opened.json["client_id"])

    assert opened.status == 200
    assert get(cache, url).status == 401


def test_an_answer_to_a_token_in_a_body_is_not_served_without_a_token(
    cache: int, stored: Stored, query: str
) -> None:
    """RFC 9111 §4.4: neither to a later POST nor to a GET of the URL."""
    url = f"/whoami?{query}"

    assert post(cache, url, stored.token).status == 200
    assert post(cache, url).status == 401
    assert get(cache, url).status == 401


def test_a_token_in_the_body_of_a_get_is_not_accepted(
    cache: int, stored: Stored, query: str
) -> None:
    """A cache ignores the body of a GET, and would serve the answer to everybody."""
    body = urlencode({"access_token": stored.token}).encode()

    answer = exchange(cache, form_request(f"GET /whoami?{query}", body))

    assert answer.status == 401
    assert get(cache, f"/whoami?{query}").status == 401


def test_the_answer_to_a_head_is_not_kept(
    cache: int, stored: Stored, query: str
) -> None:
    """Varnish turns a HEAD into a GET, and would keep the whole answer."""
    header = f"Access-Token: {stored.token}"
    head = exchange(cache, request(f"HEAD /whoami?{query}", header))

    assert head.status == 200
    assert get(cache, f"/whoami?{query}").status == 401


@pytest.mark.parametrize("cache", ["Varnish", "nginx with bypass"], indirect=True)
def test_an_answer_to_a_bearer_token_is_not_served_without_a_token(
    cache: int, stored: Stored, query: str
) -> None:
    """RFC 9111 §3.5 forbids to keep the answer; nginx needs a setting for that."""
    opened = get(cache, f"/whoami?{query}", f"Authorization: Bearer {stored.token}")
    refused = get(cache, f"/whoami?{query}")
    opened_again = get(
        cache, f"/whoami?{query}", f"Authorization: Bearer {stored.token}"
    )

    assert opened.status == opened_again.status == 200
    assert refused.status == 401
