"""Two strict OAuth libraries for JavaScript get, use and revoke tokens."""

from __future__ import annotations

import dataclasses

import pytest

from .conftest import SCOPE, RunTask, Server

SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
SIGNATURE_METHODS = ["ES256", "ES384", "Ed25519", "EdDSA", "RS256", "PS256"]


def test_a_library_discovers_the_server(run_task: RunTask, server: Server) -> None:
    """RFC 8414 §3.3: `issuer` is the issuer whose metadata was requested."""
    discovered = run_task("discover")["done"]

    assert discovered["issuer"] == server.issuer
    assert ("jwks_uri" in discovered) == (server.token_format == "jwt")


@pytest.mark.parametrize("method", SECRET_METHODS)
def test_a_library_gets_a_token_with_a_secret(
    run_task: RunTask, server: Server, method: str
) -> None:
    """RFC 6749 §4.4: the token opens the API."""
    granted = run_task("token", server.client_with_secret, method=method)["done"]

    assert granted["scope"] == SCOPE
    called = run_task("call", token=granted["access_token"])["done"]
    assert (called["status"], called["body"]["total"]) == (200, {"count": 400})


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
def test_a_library_gets_a_token_with_a_key(
    run_task: RunTask, server: Server, method: str
) -> None:
    """RFC 7523 §2.2: `private_key_jwt` with each announced algorithm."""
    granted = run_task("token", server.client_with_keys, method=method)["done"]

    assert run_task("call", token=granted["access_token"])["done"]["status"] == 200


def test_a_library_understands_that_its_secret_is_wrong(
    run_task: RunTask, server: Server
) -> None:
    """RFC 6749 §5.2: 401, and a challenge for the scheme that the client used."""
    wrong = dataclasses.replace(server.client_with_secret, client_secret="wrong")

    refused = run_task("token", wrong)["refused"]

    assert refused["status"] == 401
    assert [challenge["scheme"] for challenge in refused["challenges"]] == ["basic"]


def test_a_library_understands_that_a_scope_is_refused(run_task: RunTask) -> None:
    """RFC 6749 §5.2: 400, and the error in a JSON body."""
    refused = run_task("token", scope="orders:delete")["refused"]

    assert (refused["status"], refused["error"]) == (400, "invalid_scope")


def test_a_library_understands_the_challenge_of_the_api(run_task: RunTask) -> None:
    """RFC 6750 §3: the library can parse `WWW-Authenticate`."""
    refused = run_task("call", token="nonsense")["refused"]

    [challenge] = refused["challenges"]
    assert (refused["status"], challenge["scheme"]) == (401, "bearer")
    assert challenge["parameters"]["error"] == "invalid_token"
    assert "resource_metadata" in challenge["parameters"]


def test_a_library_understands_that_its_scope_is_insufficient(
    run_task: RunTask,
) -> None:
    """RFC 6750 §3.1: 403, and the required scope."""
    token = run_task("token", scope="customers:read")["done"]["access_token"]

    refused = run_task("call", token=token)["refused"]

    [challenge] = refused["challenges"]
    assert (refused["status"], challenge["parameters"]["scope"]) == (403, "orders:read")


@pytest.mark.parametrize("registered", ["client_with_secret", "client_with_keys"])
def test_a_library_refreshes_its_token(
    run_task: RunTask, server: Server, registered: str
) -> None:
    """RFC 6749 §6: the new access token opens the API; the refresh token is new too."""
    client = getattr(server, registered)
    first = run_task("token", client)["done"]

    second = run_task("refresh", client, token=first["refresh_token"])["done"]

    assert second["refresh_token"] != first["refresh_token"]
    assert run_task("call", token=second["access_token"])["done"]["status"] == 200


def test_a_refresh_token_can_be_used_once(run_task: RunTask) -> None:
    """RFC 9700 §4.14.2: a replaced refresh token is `invalid_grant`."""
    first = run_task("token")["done"]
    run_task("refresh", token=first["refresh_token"])

    refused = run_task("refresh", token=first["refresh_token"])["refused"]

    assert (refused["status"], refused["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("registered", ["client_with_secret", "client_with_keys"])
def test_a_library_revokes_its_token(
    run_task: RunTask, server: Server, registered: str
) -> None:
    """RFC 7009 §2: afterwards the token is inactive, and the API refuses it."""
    client = getattr(server, registered)
    token = run_task("token", client)["done"]["access_token"]

    run_task("revoke", client, token=token)

    described = run_task("introspect", server.resource_server, token=token)["done"]
    assert described == {"active": False}
    assert run_task("call", token=token)["refused"]["status"] == 401
