"""The MCP SDK for JavaScript finds the example's MCP server, signs in and calls a tool.

It gets nothing but the server's URL and its client, as its page says.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import MCP_SCOPE, REDIRECT_URI, Json, RunTask, Server, allow_as_mira

pytestmark = pytest.mark.parametrize(
    "library", ["@modelcontextprotocol/sdk"], indirect=True
)


def check_called(done: Json) -> None:
    assert done["tools"] == ["find_customers", "daily_revenue"]
    assert set(done["customers"]) == {"Ada Dubois", "Ada Eriksen"}


def test_the_sdk_signs_a_person_in_and_refreshes(
    run_task: RunTask, server: Server
) -> None:
    """RFC 9728 §5, 8414, 8707, 7636, and RFC 6749 §6: asked once, called twice."""
    url = server.mcp_url
    begun = run_task("begin", server.agent, url=url, back=REDIRECT_URI)["done"]
    asked = parse_qs(urlsplit(begun["url"]).query)
    assert (asked["scope"], asked["resource"]) == ([MCP_SCOPE], [url])
    assert asked["code_challenge_method"] == ["S256"]

    answer = allow_as_mira(begun["url"])
    check_called(run_task("finish", url=url, answer=answer)["done"])

    renewed = run_task("callAfterExpiry", url=url)["done"]
    check_called(renewed)
    first, _, third = renewed["tokens"]
    assert first["refresh_token"] != third["refresh_token"]


@pytest.mark.parametrize(
    ("task", "name"),
    [("callWithSecret", "agent_with_secret"), ("callWithKey", "agent_with_key")],
)
def test_the_sdk_gets_a_token_for_a_machine(
    run_task: RunTask, server: Server, task: str, name: str
) -> None:
    """RFC 6749 §4.4, RFC 7523 §2.2: by the SDK's providers for machines."""
    check_called(run_task(task, getattr(server, name), url=server.mcp_url)["done"])
