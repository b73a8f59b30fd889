"""Two strict OAuth libraries for JavaScript, in an API that receives tokens."""

from __future__ import annotations

import pytest

from .conftest import SCOPE, RunTask, Server


def test_a_resource_server_introspects_a_token(
    run_task: RunTask, server: Server
) -> None:
    """RFC 7662 §2.2: the client, the scope and the issuer of the token."""
    token = run_task("token")["done"]["access_token"]

    described = run_task("introspect", server.resource_server, token=token)["done"]

    assert described["active"] is True
    assert described["client_id"] == server.client_with_secret.client_id
    assert (described["scope"], described["iss"]) == (SCOPE, server.issuer)


def test_a_refresh_token_is_inactive_for_a_resource_server(
    run_task: RunTask, server: Server
) -> None:
    """RFC 6749 §1.5: a resource server lets in whatever is active."""
    token = run_task("token")["done"]["refresh_token"]

    described = run_task("introspect", server.resource_server, token=token)["done"]

    assert described == {"active": False}


@pytest.mark.parametrize("server", ["jwt"], indirect=True)
@pytest.mark.parametrize("library", ["oauth4webapi"], indirect=True)
def test_an_api_validates_a_jwt_with_the_published_keys(
    run_task: RunTask, server: Server
) -> None:
    """RFC 9068 §4: type, issuer, audience and signature."""
    token = run_task("token")["done"]["access_token"]

    claims = run_task("validate", token=token, audience=server.issuer)["done"]

    assert claims["client_id"] == claims["sub"] == server.client_with_secret.client_id
    assert claims["scope"] == SCOPE


@pytest.mark.parametrize("library", ["oauth4webapi"], indirect=True)
def test_a_library_finds_the_server_from_a_refusal_of_the_api(
    run_task: RunTask, server: Server
) -> None:
    """RFC 9728 §5: the metadata of the API names its authorization server."""
    found = run_task("follow")["done"]

    assert found["resource"]["resource"] == server.issuer
    assert found["server"]["issuer"] == server.issuer
