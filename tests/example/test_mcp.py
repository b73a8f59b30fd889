"""The example's MCP server, as an agent finds and calls it, by plain requests."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from example_app.data import PASSWORDS

from .conftest import Example

SCOPES = "customers:read orders:daily-revenue"
REDIRECT_URI = "http://127.0.0.1:52417/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"

Json = dict[str, Any]


def send(example: Example, token: str, message: Any, **headers: str) -> Any:
    return requests.post(
        f"{example.url}/mcp",
        json=message,
        headers={"Authorization": f"Bearer {token}", **headers},
        timeout=10,
    )


def call(example: Example, token: str, method: str, **params: Any) -> Json:
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    answered = send(example, token, message)
    assert answered.status_code == 200, answered.text
    assert answered.headers["Content-Type"] == "application/json"
    body: Json = answered.json()
    assert (body["jsonrpc"], body["id"]) == ("2.0", 7)
    return body


@pytest.fixture(scope="module")
def token(example: Example) -> str:
    return example.token(resource=f"{example.url}/mcp", scope=SCOPES)


def discover(example: Example) -> tuple[str, Json, Json]:
    """Go from the refusal to the server's metadata; return the scope of it, too."""
    refused = requests.post(f"{example.url}/mcp", timeout=10)
    assert refused.status_code == 401
    challenge = dict(
        re.findall(r'(\w+)="([^"]*)"', refused.headers["WWW-Authenticate"])
    )
    resource = requests.get(challenge["resource_metadata"], timeout=10).json()
    [issuer] = resource["authorization_servers"]
    address = f"{issuer}/.well-known/oauth-authorization-server"
    return challenge["scope"], resource, requests.get(address, timeout=10).json()


def test_an_agent_finds_its_way_from_the_refusal_to_a_call(example: Example) -> None:
    """RFC 9728 §5, RFC 8414 §3, RFC 8707 §2: nothing is known but the server's URL."""
    scope, resource, server = discover(example)
    assert resource["resource"] == f"{example.url}/mcp"
    assert server["code_challenge_methods_supported"] == ["S256"]
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": "mcp-client",
        "redirect_uri": REDIRECT_URI,
        "scope": scope,
        "resource": resource["resource"],
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    browser = requests.Session()
    sign_in = browser.get(server["authorization_endpoint"], params=asked)
    [(email, password), *_] = PASSWORDS.items()
    page = browser.post(sign_in.url, {"email": email, "password": password})
    consent = re.search(r'name="consent" value="(.*?)"', page.text)
    assert consent is not None, page.text
    decided = browser.post(
        server["authorization_endpoint"],
        {"consent": html.unescape(consent[1]), "decision": "allow"},
        allow_redirects=False,
    )
    answer = parse_qs(urlsplit(decided.headers["Location"]).query)

    granted = requests.post(
        server["token_endpoint"],
        {
            "grant_type": "authorization_code",
            "client_id": "mcp-client",
            "code": answer["code"][0],
            "code_verifier": VERIFIER,
            "redirect_uri": REDIRECT_URI,
            "resource": resource["resource"],
        },
        timeout=10,
    ).json()

    found = call(example, granted["access_token"], "tools/list")["result"]["tools"]
    assert [tool["name"] for tool in found] == ["find_customers", "daily_revenue"]
    assert granted["refresh_token"].startswith("taprt_")


def test_a_token_for_the_api_does_not_open_the_mcp_server(
    example: Example, token: str
) -> None:
    """clients/resources.md: neither opens the views of the other."""
    refused = send(example, example.token(scope=SCOPES), {})
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]

    url = f"{example.url}/api/v1/customers"
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(url, headers=headers, timeout=10).status_code == 401


def test_a_token_with_one_scope_is_told_what_it_lacks(example: Example) -> None:
    """RFC 6750 §3.1: 403, and both scopes."""
    narrow = example.token(resource=f"{example.url}/mcp", scope="customers:read")

    refused = send(example, narrow, {})

    assert refused.status_code == 403
    assert f'scope="{SCOPES}"' in refused.headers["WWW-Authenticate"]
    assert "resource_metadata=" in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("wanted", "answered"),
    [("2025-06-18", "2025-06-18"), ("1999-01-01", "2025-11-25"), (None, "2025-11-25")],
)
def test_the_server_agrees_on_a_version(
    example: Example, token: str, wanted: str | None, answered: str
) -> None:
    """MCP, lifecycle: the client's version, or else the newest of the server."""
    result = call(example, token, "initialize", protocolVersion=wanted)["result"]

    assert result["protocolVersion"] == answered
    assert result["capabilities"] == {"tools": {}}


def test_a_notification_is_accepted_without_an_answer(
    example: Example, token: str
) -> None:
    """MCP, streamable HTTP: 202 and no body."""
    told = {"jsonrpc": "2.0", "method": "notifications/initialized"}

    answered = send(example, token, told)

    assert (answered.status_code, answered.content) == (202, b"")


def test_a_tool_finds_customers(example: Example, token: str) -> None:
    """Both arguments narrow what is found; `%` is a letter like others."""

    def find(**arguments: str) -> list[Json]:
        params = {"name": "find_customers", "arguments": arguments}
        result = call(example, token, "tools/call", **params)["result"]
        found: list[Json] = result["structuredContent"]["data"]
        return found

    assert len(find()) == 20
    assert {each["country"] for each in find(country="de")} == {"DE"}
    found = find(name="ada", country="DE")
    assert {each["name"] for each in found} == {"Ada Dubois", "Ada Eriksen"}
    assert find(name="%") == []


def test_a_tool_tells_the_revenue_of_each_day(example: Example, token: str) -> None:
    """The same as the API's own route."""
    result = call(example, token, "tools/call", name="daily_revenue")["result"]

    api = requests.get(
        f"{example.url}/api/v1/orders/daily-revenue",
        headers={"Authorization": f"Bearer {example.token()}"},
        timeout=10,
    )
    assert result["structuredContent"] == api.json()


@pytest.mark.parametrize(
    "arguments", [{"colour": "red"}, {"name": 7}, {"name": "\0"}, [1]]
)
def test_a_wrong_argument_is_a_result_that_the_model_reads(
    example: Example, token: str, arguments: Any
) -> None:
    """MCP, tools: `isError`, so that the model can mend its call."""
    params = {"name": "find_customers", "arguments": arguments}

    result = call(example, token, "tools/call", **params)["result"]

    assert result["isError"] is True
    assert "name" in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"id": 7, "method": "resources/list"}, -32601),
        ({"id": 7, "method": ["ping"]}, -32601),
        ({"id": 7}, -32601),
        ({"id": 7, "method": "tools/call", "params": {"name": "nothing"}}, -32602),
        ({"id": 7, "method": "tools/call", "params": {"name": {}}}, -32602),
        ({"id": 7, "method": "tools/call", "params": [1]}, -32602),
        ([{"id": 7, "method": "ping"}], -32600),
        ("ping", -32600),
    ],
)
def test_a_wrong_message_is_an_error_of_json_rpc(
    example: Example, token: str, message: Any, code: int
) -> None:
    """JSON-RPC 2.0 §5.1; MCP has no batches."""
    answered = send(example, token, message)

    assert answered.status_code == (400 if code == -32600 else 200)
    assert answered.json()["error"]["code"] == code


def test_a_page_of_another_site_is_refused(example: Example, token: str) -> None:
    """MCP, streamable HTTP: a server must check `Origin`."""
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

    assert send(example, token, ping, Origin="http://evil.example").status_code == 403
    assert send(example, token, ping, Origin=example.url).status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_server_has_neither_streams_nor_sessions(
    example: Example, method: str
) -> None:
    """MCP, streamable HTTP: 405 tells a client so."""
    answered = requests.request(method, f"{example.url}/mcp", timeout=10)

    assert answered.status_code == 405
