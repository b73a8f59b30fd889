"""The example under gunicorn, clients of it, and libraries for JavaScript in node."""

from __future__ import annotations

import dataclasses
import functools
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from joserfc import jwk

from example_app.data import PASSWORDS

from .. import ROOT
from ..ports import free_port, wait_for
from ..services import skip_outside_ci

SCOPE = "orders:read customers:read"
MCP_SCOPE = "customers:read orders:daily-revenue"
KEYS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: jwk.ECKey.generate_key("P-256"),
    "ES384": lambda: jwk.ECKey.generate_key("P-384"),
    "Ed25519": lambda: jwk.OKPKey.generate_key("Ed25519"),
    "RS256": lambda: jwk.RSAKey.generate_key(2048),
}
"""Generates a client's key, by the algorithm that the key signs with."""

CODE_GRANT = (
    *("--grant-type", "authorization_code"),
    *("--redirect-uri", "http://127.0.0.1/callback"),
)
REDIRECT_URI = "http://127.0.0.1:51004/callback"
"""Where a native application listens this time."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """A registered client, which authenticates with a secret or with its own keys.

    :param keys: private JWKs, by the algorithm that each signs with.
    """

    client_id: str
    client_secret: str | None
    keys: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """The running example, and the clients that are registered there."""

    issuer: str
    token_format: str
    client_with_secret: Client
    client_with_keys: Client
    resource_server: Client
    native: Client
    """A public client of the code grant, on any port of loopback."""
    web: Client
    """A client of the code grant that has a secret."""
    agent: Client
    """The example's own client for people's MCP clients."""
    agent_with_secret: Client
    """A machine that calls the MCP server on its own behalf."""
    agent_with_key: Client

    @property
    def mcp_url(self) -> str:
        return f"{self.issuer}/mcp"


Serve = Callable[[str], Server]


@pytest.fixture(scope="session")
def signing_keys() -> dict[str, Json]:
    """A client's private keys with their kid, by algorithm.

    Some algorithms share a key.
    """
    keys: dict[str, Json] = {}
    for algorithm, generate in KEYS.items():
        key = generate()
        keys[algorithm] = {**key.as_dict(private=True), "kid": key.thumbprint()}
    return {**keys, "EdDSA": keys["Ed25519"], "PS256": keys["RS256"]}


@pytest.fixture(scope="session")
def serve(
    signing_keys: dict[str, Json], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serve]:
    """Start the example once for each token format; all other settings are defaults."""
    processes: list[subprocess.Popen[bytes]] = []

    @functools.cache
    def serve(token_format: str) -> Server:
        directory = tmp_path_factory.mktemp(token_format)
        port = free_port()
        issuer = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{directory / 'example.db'}",
            "PORT": str(port),
            "FLASK_TAPAUTH_ISSUER": issuer,
        }
        if token_format == "jwt":
            keys = directory / "keys.json"
            _tapauth(environment, "keys", "generate", "--append", str(keys))
            environment |= {
                "FLASK_TAPAUTH_TOKEN_FORMAT": "jwt",
                "FLASK_TAPAUTH_JWT_KEYS": str(keys),
            }
        log = directory / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "example_app"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        processes.append(process)
        wait_for(port, process, log)
        public = directory / "public.json"
        public.write_text(json.dumps({"keys": _public(signing_keys)}))
        with_keys = _register(environment, "Keys", "--jwks", str(public))
        # The MCP SDKs sign without a `kid`, so there must be one key.
        only = {"ES256": signing_keys["ES256"]}
        public.write_text(json.dumps({"keys": _public(only)}))
        agent_with_key = _register(
            environment, "Agent", "--jwks", str(public), scope=MCP_SCOPE
        )
        return Server(
            issuer,
            token_format,
            client_with_secret=_register(environment, "Secret"),
            client_with_keys=dataclasses.replace(with_keys, keys=signing_keys),
            resource_server=_register(environment, "API", "--resource-server"),
            native=_register(environment, "Native", "--public", grants=CODE_GRANT),
            web=_register(environment, "Web", grants=CODE_GRANT),
            agent=Client("mcp-client", None),
            agent_with_secret=_register(environment, "Agent", scope=MCP_SCOPE),
            agent_with_key=dataclasses.replace(agent_with_key, keys=only),
        )

    yield serve
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=20)


@pytest.fixture(params=["opaque", "jwt"])
def server(request: pytest.FixtureRequest, serve: Serve) -> Server:
    return serve(request.param)


def allow_as_mira(url: str) -> str:
    """Do what a person does in the browser, and return where the browser is sent.

    :param url: the authorization request that the client opens.
    """
    browser = requests.Session()
    sign_in = browser.get(url)
    [(email, password), *_] = PASSWORDS.items()
    page = browser.post(sign_in.url, {"email": email, "password": password})
    found = re.search(r'name="consent" value="(.*?)"', page.text)
    assert found is not None, page.text
    form = {"consent": html.unescape(found[1]), "decision": "allow"}
    target = urljoin(url, "/oauth/authorize")
    return browser.post(target, form, allow_redirects=False).headers["Location"]


def _register(
    environment: dict[str, str],
    name: str,
    *options: str,
    grants: tuple[str, ...] = ("--grant-type", "client_credentials"),
    scope: str = SCOPE,
) -> Client:
    printed = _tapauth(
        environment,
        *("clients", "create", name, "--json", "--scope", scope),
        *(*grants, "--grant-type", "refresh_token"),
        *options,
    )
    described = json.loads(printed)
    return Client(described["client_id"], described["client_secret"])


def _tapauth(environment: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "example_app", "tapauth", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def _public(keys: dict[str, Json]) -> list[Json]:
    public = {
        key["kid"]: jwk.import_key(key).as_dict(private=False) for key in keys.values()
    }
    return [{**key, "kid": kid} for kid, key in public.items()]


HERE = Path(__file__).parent
LIBRARIES = ["oauth4webapi", "openid-client"]
RunTask = Callable[..., Json]


@pytest.fixture(scope="session", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A library in a process that reads tasks and prints results, line by line."""
    _check_installed(request.param)
    script = request.param.removeprefix("@").partition("/")[0]
    process = subprocess.Popen(
        ["node", "--no-warnings", HERE / f"{script}.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.terminate()


@pytest.fixture
def run_task(library: subprocess.Popen[str], server: Server) -> RunTask:
    """Let the library do a task, and return how it understood the server's answer."""
    assert library.stdin is not None
    assert library.stdout is not None
    tasks, results = library.stdin, library.stdout

    def run_task(task: str, client: Client | None = None, **given: str) -> Json:
        client = client or server.client_with_secret
        sent = {
            "task": task,
            "issuer": server.issuer,
            "client": dataclasses.asdict(client),
            "method": _method_of(client),
            "scope": SCOPE,
            "url": f"{server.issuer}/api/v1/orders?limit=1",
            **given,
        }
        print(json.dumps(sent), file=tasks, flush=True)
        result: Json = json.loads(results.readline())
        assert "fault" not in result, result["fault"]
        return result

    return run_task


def _method_of(client: Client) -> str:
    if client.client_secret is None and not client.keys:
        return "none"
    return "ES256" if client.keys else "client_secret_basic"


def _check_installed(library: str) -> None:
    """Skip the test if the npm package is not installed; fail it in CI."""
    if shutil.which("node") and (HERE / "node_modules" / library).exists():
        return
    skip_outside_ci(
        f"node, or {library} (npm ci --prefix {HERE.relative_to(ROOT)}), is missing"
    )
