"""The MCP SDK for Python finds the example's MCP server, signs in and calls a tool.

It gets nothing but the server's URL and its client, as its page says.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwk
from mcp import Client
from mcp.client.auth import (
    AuthorizationCodeResult,
    OAuthClientProvider,
    OAuthFlowError,
)
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
)
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

from .conftest import MCP_SCOPE, REDIRECT_URI, Server, allow_as_mira


class Storage:
    """Keeps what the SDK asks its host to keep."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self.client = client
        self.tokens: list[OAuthToken] = []

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens[-1] if self.tokens else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens.append(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Person:
    """Signs in and allows what the SDK asks for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self._answer = ""

    async def open(self, url: str) -> None:
        self.asked.append(dict(parse_qsl(urlsplit(url).query)))
        self._answer = allow_as_mira(url)

    async def answer(self) -> AuthorizationCodeResult:
        answer = dict(parse_qsl(urlsplit(self._answer).query))
        return AuthorizationCodeResult(**answer)


def person_provider(
    server: Server, person: Person, storage: Storage
) -> OAuthClientProvider:
    metadata = OAuthClientMetadata(
        redirect_uris=[REDIRECT_URI],  # type: ignore[list-item]
        token_endpoint_auth_method="none",
    )
    known = {**metadata.model_dump(), "client_id": server.agent.client_id}
    storage.client = storage.client or OAuthClientInformationFull(**known)
    return OAuthClientProvider(
        server.mcp_url, metadata, storage, person.open, person.answer
    )


def call_tools(server: Server, auth: Any) -> tuple[list[str], Any]:
    """Return the names of the tools, and what one of them finds."""

    async def call() -> tuple[list[str], Any]:
        async with httpx2.AsyncClient(auth=auth) as http:
            transport = streamable_http_client(server.mcp_url, http_client=http)
            async with Client(transport) as client:
                listed = await client.list_tools()
                arguments = {"name": "Ada", "country": "DE"}
                found = await client.call_tool("find_customers", arguments)
                return [tool.name for tool in listed.tools], found.structured_content

    return asyncio.run(call())


def check_calls(server: Server, auth: Any) -> None:
    tools, found = call_tools(server, auth)
    assert tools == ["find_customers", "daily_revenue"]
    names = {customer["name"] for customer in found["data"]}
    assert names == {"Ada Dubois", "Ada Eriksen"}


def test_the_sdk_signs_a_person_in(server: Server) -> None:
    """RFC 9728 §5, 8414, 8707, 7636, 9207: from the 401 to the answer of a tool."""
    person, storage = Person(), Storage()

    check_calls(server, person_provider(server, person, storage))

    [asked] = person.asked
    assert asked["scope"] == MCP_SCOPE
    assert asked["resource"] == server.mcp_url
    assert asked["code_challenge_method"] == "S256"
    [tokens] = storage.tokens
    assert tokens.refresh_token is not None


def test_the_sdk_refreshes_its_token(server: Server) -> None:
    """RFC 6749 §6: the person is asked once."""
    person, storage = Person(), Storage()
    provider = person_provider(server, person, storage)
    check_calls(server, provider)

    provider.context.token_expiry_time = time.time() - 1
    check_calls(server, provider)

    assert len(person.asked) == 1
    first, second = storage.tokens
    assert first.access_token != second.access_token
    assert first.refresh_token != second.refresh_token


def test_the_sdk_signs_a_person_in_again_after_a_revocation(server: Server) -> None:
    """RFC 6750 §3.1: the refusal of a revoked token starts the sign-in."""
    person, storage = Person(), Storage()
    provider = person_provider(server, person, storage)
    check_calls(server, provider)
    httpx2.post(
        f"{server.issuer}/oauth/revoke",
        data={
            "client_id": server.agent.client_id,
            "token": storage.tokens[-1].refresh_token,
        },
    )

    check_calls(server, provider)

    assert len(person.asked) == 2


def test_the_sdk_gets_a_token_with_a_secret(server: Server) -> None:
    """RFC 6749 §4.4: by the SDK's provider for machines."""
    agent = server.agent_with_secret
    assert agent.client_secret is not None
    for method in ("client_secret_basic", "client_secret_post"):
        provider = ClientCredentialsOAuthProvider(
            server.mcp_url,
            Storage(),
            agent.client_id,
            agent.client_secret,
            method,
            issuer=server.issuer,
        )
        check_calls(server, provider)


def test_the_sdk_gets_a_token_with_a_key(server: Server) -> None:
    """RFC 7523 §2.2: the SDK signs without a `kid`, for the issuer."""
    agent = server.agent_with_key
    key = jwk.ECKey.import_key(agent.keys["ES256"])
    signed = SignedJWTParameters(
        issuer=agent.client_id,
        subject=agent.client_id,
        signing_key=key.as_pem(private=True).decode(),
        signing_algorithm="ES256",
    )
    provider = PrivateKeyJWTOAuthProvider(
        server.mcp_url,
        Storage(),
        agent.client_id,
        signed.create_assertion_provider(),
        issuer=server.issuer,
    )

    check_calls(server, provider)


def test_the_sdk_sends_its_secret_to_no_other_server(server: Server) -> None:
    """RFC 8414 §3.3: `issuer` of the metadata is compared."""
    agent = server.agent_with_secret
    assert agent.client_secret is not None
    provider = ClientCredentialsOAuthProvider(
        server.mcp_url,
        Storage(),
        agent.client_id,
        agent.client_secret,
        issuer="https://other.example",
    )

    with pytest.raises(ExceptionGroup) as raised:
        call_tools(server, provider)

    assert raised.group_contains(OAuthFlowError)
