"""Two strict OAuth libraries for JavaScript get, use and revoke tokens."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .. import ROOT
from ..services import skip_outside_ci
from .conftest import SCOPE, Client, Json, Server

HERE = Path(__file__).parent
LIBRARIES = ["oauth4webapi", "openid-client"]
SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
SIGNATURE_METHODS = ["ES256", "ES384", "Ed25519", "EdDSA", "RS256", "PS256"]

RunTask = Callable[..., Json]


@pytest.fixture(scope="session", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A library in a process that reads tasks and prints results, line by line."""
    _check_installed(request.param)
    process = subprocess.Popen(
        ["node", "--no-warnings", HERE / f"{request.param}.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.terminate()


@pytest.fixture
def run_task(library: subprocess.Popen[str], server: Server) -> RunTask:
    """Let the library do a task, and return what it made of the server's answer."""
    assert library.stdin is not None
    assert library.stdout is not None
    tasks, results = library.stdin, library.stdout

    def run_task(task: str, client: Client | None = None, **given: str) -> Json:
        client = client or server.client_with_secret
        sent = {
            "task": task,
            "issuer": server.issuer,
            "client": dataclasses.asdict(client),
            "method": "ES256" if client.keys else "client_secret_basic",
            "scope": SCOPE,
            "url": f"{server.issuer}/api/v1/orders?limit=1",
            **given,
        }
        print(json.dumps(sent), file=tasks, flush=True)
        result: Json = json.loads(results.readline())
        assert "fault" not in result, result["fault"]
        return result

    return run_task


def _check_installed(library: str) -> None:
    """Skip the test if the npm package is not installed; fail it in CI."""
    if shutil.which("node") and (HERE / "node_modules" / library).exists():
        return
    skip_outside_ci(
        f"node, or {library} (npm ci --prefix {HERE.relative_to(ROOT)}), is missing"
    )


def test_a_library_discovers_the_server(run_task: RunTask, server: Server) -> None:
    """RFC 8414 §3.3: `issuer` is the address that the document was requested for."""
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
