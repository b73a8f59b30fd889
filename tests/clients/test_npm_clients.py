"""The libraries of JavaScript that are strict about what a server answers."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import ROOT, SCOPE, Client, Json, Server

HERE = Path(__file__).parent
LIBRARIES = ["oauth4webapi", "openid-client"]
SECRETS = ["client_secret_basic", "client_secret_post"]
SIGNATURES = ["ES256", "ES384", "Ed25519", "EdDSA", "RS256", "PS256"]

Ask = Callable[..., Json]


@pytest.fixture(scope="session", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A library at work: it takes tasks line by line, and answers so."""
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
def ask(library: subprocess.Popen[str], server: Server) -> Ask:
    """Have the library do a task, and return what it makes of the server's answer."""
    assert library.stdin is not None
    assert library.stdout is not None
    tasks, results = library.stdin, library.stdout

    def ask(task: str, client: Client | None = None, **given: str) -> Json:
        client = client or server.secretive
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

    return ask


def _check_installed(library: str) -> None:
    """Skip where a laptop has no packages of npm; fail where CI has none."""
    if shutil.which("node") and (HERE / "node_modules" / library).exists():
        return
    message = (
        f"node, or {library} (npm ci --prefix {HERE.relative_to(ROOT)}), is missing"
    )
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def test_it_discovers_the_server(ask: Ask, server: Server) -> None:
    """RFC 8414 §3.3: the issuer in the document is the one that was asked for."""
    discovered = ask("discover")["done"]

    assert discovered["issuer"] == server.issuer
    assert ("jwks_uri" in discovered) == (server.token_format == "jwt")


@pytest.mark.parametrize("method", SECRETS)
def test_it_gets_a_token_by_its_secret(ask: Ask, server: Server, method: str) -> None:
    """RFC 6749 §4.4: the token opens the API."""
    granted = ask("token", server.secretive, method=method)["done"]

    assert granted["scope"] == SCOPE
    called = ask("call", token=granted["access_token"])["done"]
    assert (called["status"], called["body"]["total"]) == (200, {"count": 400})


@pytest.mark.parametrize("method", SIGNATURES)
def test_it_gets_a_token_by_its_key(ask: Ask, server: Server, method: str) -> None:
    """RFC 7523 §2.2: `private_key_jwt`, by each algorithm that is on offer."""
    granted = ask("token", server.signing, method=method)["done"]

    assert ask("call", token=granted["access_token"])["done"]["status"] == 200


def test_it_understands_that_its_secret_is_wrong(ask: Ask, server: Server) -> None:
    """RFC 6749 §5.2: 401, and a challenge of the scheme that it used."""
    wrong = dataclasses.replace(server.secretive, client_secret="wrong")

    refused = ask("token", wrong)["refused"]

    assert refused["status"] == 401
    assert [challenge["scheme"] for challenge in refused["challenges"]] == ["basic"]


def test_it_understands_that_a_scope_is_refused(ask: Ask) -> None:
    """RFC 6749 §5.2: 400, and the error in a body of JSON."""
    refused = ask("token", scope="orders:delete")["refused"]

    assert (refused["status"], refused["error"]) == (400, "invalid_scope")


def test_it_understands_the_apis_challenge(ask: Ask) -> None:
    """RFC 6750 §3: scheme and parameters of `WWW-Authenticate` can be read."""
    refused = ask("call", token="nonsense")["refused"]

    [challenge] = refused["challenges"]
    assert (refused["status"], challenge["scheme"]) == (401, "bearer")
    assert challenge["parameters"]["error"] == "invalid_token"
    assert "resource_metadata" in challenge["parameters"]


def test_it_understands_that_the_scope_is_not_enough(ask: Ask) -> None:
    """RFC 6750 §3.1: 403, and the scope that is wanted."""
    token = ask("token", scope="customers:read")["done"]["access_token"]

    refused = ask("call", token=token)["refused"]

    [challenge] = refused["challenges"]
    assert (refused["status"], challenge["parameters"]["scope"]) == (403, "orders:read")


@pytest.mark.parametrize("proof", ["secretive", "signing"])
def test_it_refreshes_its_token(ask: Ask, server: Server, proof: str) -> None:
    """RFC 6749 §6: the new token opens the API, with a new refresh token beside it."""
    client = getattr(server, proof)
    first = ask("token", client)["done"]

    second = ask("refresh", client, token=first["refresh_token"])["done"]

    assert second["refresh_token"] != first["refresh_token"]
    assert ask("call", token=second["access_token"])["done"]["status"] == 200


def test_a_refresh_token_serves_it_once(ask: Ask) -> None:
    """RFC 9700 §4.14.2: the one that was replaced is `invalid_grant`."""
    first = ask("token")["done"]
    ask("refresh", token=first["refresh_token"])

    refused = ask("refresh", token=first["refresh_token"])["refused"]

    assert (refused["status"], refused["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_resource_server_introspects_it(ask: Ask, server: Server, kind: str) -> None:
    """RFC 7662 §2.2: whose token it is, what it opens, and who issued it."""
    token = ask("token")["done"][kind]

    described = ask("introspect", server.resource_server, token=token)["done"]

    assert described["active"] is True
    assert described["client_id"] == server.secretive.client_id
    assert (described["scope"], described["iss"]) == (SCOPE, server.issuer)


@pytest.mark.parametrize("proof", ["secretive", "signing"])
def test_it_revokes_its_token(ask: Ask, server: Server, proof: str) -> None:
    """RFC 7009 §2: from then on the token is inactive, and opens nothing."""
    client = getattr(server, proof)
    token = ask("token", client)["done"]["access_token"]

    ask("revoke", client, token=token)

    described = ask("introspect", server.resource_server, token=token)["done"]
    assert described == {"active": False}
    assert ask("call", token=token)["refused"]["status"] == 401


@pytest.mark.parametrize("server", ["jwt"], indirect=True)
@pytest.mark.parametrize("library", ["oauth4webapi"], indirect=True)
def test_an_api_validates_the_token_by_itself(ask: Ask, server: Server) -> None:
    """RFC 9068 §4: type, issuer, audience and signature, by the published keys."""
    token = ask("token")["done"]["access_token"]

    claims = ask("validate", token=token, audience=server.issuer)["done"]

    assert claims["client_id"] == claims["sub"] == server.secretive.client_id
    assert claims["scope"] == SCOPE


@pytest.mark.parametrize("library", ["oauth4webapi"], indirect=True)
def test_a_refusal_leads_to_the_server(ask: Ask, server: Server) -> None:
    """RFC 9728 §5: by its metadata the API names the server that has tokens for it."""
    found = ask("follow")["done"]

    assert found["resource"]["resource"] == server.issuer
    assert found["server"]["issuer"] == server.issuer
