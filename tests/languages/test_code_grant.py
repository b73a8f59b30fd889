"""Unmodified libraries sign a person in, by a code and PKCE (RFC 6749, 7636)."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc8414 import get_well_known_url
from requests_oauthlib import (  # type: ignore[import-untyped,unused-ignore]
    OAuth2Session,
)

from .conftest import REDIRECT_URI, SCOPE, RunTask, Server, allow_as_mira

CLIENTS = ["native", "web"]
VERIFIER = "a-verifier-of-forty-three-characters-or-more"


@pytest.fixture(autouse=True)
def allow_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the libraries use http, because loopback has no certificate."""
    for library in ("AUTHLIB", "OAUTHLIB"):
        monkeypatch.setenv(f"{library}_INSECURE_TRANSPORT", "1")


def endpoint(server: Server, name: str) -> str:
    document: Any = requests.get(get_well_known_url(server.issuer, external=True))
    url: str = document.json()[f"{name}_endpoint"]
    return url


def calls_the_api(server: Server, session: Any) -> bool:
    answer = session.get(f"{server.issuer}/api/v1/orders?limit=1")
    return bool(answer.json()["total"] == {"count": 400})


@pytest.mark.parametrize("name", CLIENTS)
def test_a_library_for_javascript_signs_a_person_in(
    run_task: RunTask, server: Server, name: str
) -> None:
    """RFC 9207 §2.4 too: both libraries check `iss`, because we announce it."""
    client = getattr(server, name)
    begun = run_task("authorize", client, back=REDIRECT_URI)["done"]
    answer = allow_as_mira(begun["url"])

    kept = {"verifier": begun["verifier"], "state": begun["state"]}
    tokens = run_task("exchange", client, answer=answer, back=REDIRECT_URI, **kept)

    assert tokens["done"]["scope"] == SCOPE
    called = run_task("call", token=tokens["done"]["access_token"])["done"]
    assert called["status"] == 200
    renewed = run_task("refresh", client, token=tokens["done"]["refresh_token"])["done"]
    assert run_task("call", token=renewed["access_token"])["done"]["status"] == 200


def test_a_library_for_javascript_understands_that_a_code_was_used(
    run_task: RunTask, server: Server
) -> None:
    """RFC 6749 §5.2: `invalid_grant`, and the API refuses the token from now on."""
    begun = run_task("authorize", server.native, back=REDIRECT_URI)["done"]
    given = {
        "answer": allow_as_mira(begun["url"]),
        "back": REDIRECT_URI,
        "verifier": begun["verifier"],
        "state": begun["state"],
    }
    token = run_task("exchange", server.native, **given)["done"]["access_token"]

    refused = run_task("exchange", server.native, **given)["refused"]

    assert (refused["status"], refused["error"]) == (400, "invalid_grant")
    assert run_task("call", token=token)["refused"]["status"] == 401


@pytest.mark.parametrize("name", CLIENTS)
def test_authlib_signs_a_person_in(server: Server, name: str) -> None:
    """With `code_challenge_method="S256"`, as Authlib's page says."""
    client = getattr(server, name)
    session = AuthlibSession(
        client.client_id,
        client.client_secret,
        scope=SCOPE,
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if name == "web" else "none",
    )
    url, state = session.create_authorization_url(
        endpoint(server, "authorization"), code_verifier=VERIFIER
    )

    session.fetch_token(
        endpoint(server, "token"),
        authorization_response=allow_as_mira(url),
        state=state,
        code_verifier=VERIFIER,
    )

    assert calls_the_api(server, session)


@pytest.mark.parametrize("name", CLIENTS)
def test_requests_oauthlib_signs_a_person_in(server: Server, name: str) -> None:
    """With `pkce="S256"`, as its page says."""
    client = getattr(server, name)
    session = OAuth2Session(
        client.client_id, scope=SCOPE, redirect_uri=REDIRECT_URI, pkce="S256"
    )
    url, _ = session.authorization_url(endpoint(server, "authorization"))

    session.fetch_token(
        endpoint(server, "token"),
        authorization_response=allow_as_mira(url),
        client_secret=client.client_secret,
        include_client_id=name == "native" or None,
    )

    assert calls_the_api(server, session)
