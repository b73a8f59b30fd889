"""Two gunicorn masters behind nginx, started by the script of the documentation."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from .. import ROOT
from ..conftest import bearer
from ..docs.blocks import read_page
from ..ports import HOST, free_port, wait_for
from ..services import skip_outside_ci
from .conftest import new_environment

DOCUMENT = ROOT / "docs/how-to/running/processes.md"


@dataclass(frozen=True)
class Deployment:
    """Where the app answers: through nginx, and from each master."""

    nginx: str
    masters: tuple[str, str]
    client_id: str
    client_secret: str

    def post(self, url: str, endpoint: str, **parameters: str) -> requests.Response:
        credentials = {"client_id": self.client_id, "client_secret": self.client_secret}
        return requests.post(
            f"{url}/oauth/{endpoint}", data={**credentials, **parameters}, timeout=10
        )

    def token(self, url: str) -> str:
        answer = self.post(url, "token", grant_type="client_credentials")
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token


def status(url: str, token: str) -> int:
    answer = requests.get(f"{url}/api/orders", headers=bearer(token), timeout=10)
    return answer.status_code


def save_files(directory: Path) -> None:
    """Save the files that the page shows."""
    for block in read_page(DOCUMENT):
        if block.file is not None:
            (directory / block.file).write_text(block.code, encoding="utf-8")


@pytest.fixture(scope="module")
def deployment(
    postgresql: sa.URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("deployment")
    save_files(directory)
    ports = [free_port() for _ in range(3)]
    environment = new_environment(
        DATABASE_URL=postgresql.render_as_string(hide_password=False),
        **dict(zip(("PORT", "PORT_A", "PORT_B"), map(str, ports), strict=True)),
    )
    if shutil.which("nginx", path=environment["PATH"]) is None:
        skip_outside_ci("nginx is not installed")
    log = directory / "log"
    with log.open("wb") as output:
        script = subprocess.Popen(
            ["sh", "serve.sh"],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for port in ports:
            wait_for(port, script, log)
        create = ["-m", "flask", "--app", "orders", "tapauth", "clients", "create"]
        printed = subprocess.run(
            [sys.executable, *create, "Reports", "--scope", "orders:read", "--json"],
            cwd=directory,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = re.search(r'"client_secret": "([^"]+)"', printed)
        name = re.search(r'"client_id": "([^"]+)"', printed)
        assert found is not None
        assert name is not None
        nginx, first, second = (f"http://{HOST}:{port}" for port in ports)
        yield Deployment(nginx, (first, second), name[1], found[1])
    finally:
        script.terminate()
        try:
            script.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(script.pid, signal.SIGKILL)
            script.wait()


def test_a_token_of_one_master_opens_the_views_of_the_other(
    deployment: Deployment,
) -> None:
    """No process keeps state that the others need."""
    first, second = deployment.masters

    token = deployment.token(first)

    assert status(second, token) == 200


def test_a_revocation_on_one_is_seen_by_the_other(deployment: Deployment) -> None:
    """By each of its workers, and through nginx, although all had cached it."""
    first, second = deployment.masters
    token = deployment.token(deployment.nginx)
    for url in (first, second, deployment.nginx):
        assert [status(url, token) for _ in range(8)] == [200] * 8

    assert deployment.post(first, "revoke", token=token).status_code == 200

    ends = time.monotonic() + 2
    for url in (second, deployment.nginx, first):
        while [status(url, token) for _ in range(8)] != [401] * 8:
            assert time.monotonic() < ends


def test_the_header_access_token_arrives(deployment: Deployment) -> None:
    """docs/how-to/running/wsgi-servers.md has the setting for each server."""
    token = deployment.token(deployment.nginx)

    answer = requests.get(
        f"{deployment.nginx}/api/orders", headers={"access_token": token}, timeout=10
    )

    assert answer.status_code == 200


def test_credentials_in_the_clear_are_refused_behind_the_proxy(
    deployment: Deployment,
) -> None:
    """RFC 6749 §3.2: the proxy says whether a request used TLS."""
    token = deployment.token(deployment.nginx)
    headers = {**bearer(token), "Host": "orders.example.com"}

    answer = requests.get(f"{deployment.nginx}/api/orders", headers=headers, timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
