"""Start the example as the README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from ..ports import free_port, wait_for

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Example:
    """A running example, and what it printed when it started."""

    url: str
    database_url: str
    printed: str
    log: Path

    @property
    def client_id(self) -> str:
        return self._printed("client_id")

    @property
    def client_secret(self) -> str:
        return self._printed("client_secret")

    def token(self, **parameters: str) -> str:
        answer = requests.post(
            f"{self.url}/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                **parameters,
            },
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def run(self, *arguments: str) -> str:
        """Run ``flask tapauth …`` on the example's database."""
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "flask",
                "--app",
                "example_app",
                "tapauth",
                *arguments,
            ],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.database_url},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _printed(self, name: str) -> str:
        found = re.search(rf"^\s+{name}\s+(\S+)$", self.printed, re.MULTILINE)
        assert found is not None, self.printed
        return found[1]


Start = Callable[..., Example]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start the example on a database with a command, and wait until it answers."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(database_url: str, command: tuple[str, ...] = ()) -> Example:
        port = free_port()
        log = tmp_path_factory.mktemp("log") / "log"
        arguments = command or ("-m", "example_app", "--log-level", "debug")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *(a.format(port=port) for a in arguments)],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": database_url, "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        processes.append(process)
        wait_for(port, process, log)
        printed = log.read_text().partition("\n[20")[0]  # gunicorn's log begins there
        return Example(f"http://127.0.0.1:{port}", database_url, printed, log)

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def example(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The example on a new SQLite file, with its log at DEBUG."""
    directory = tmp_path_factory.mktemp("example")
    return start(f"sqlite:///{directory / 'example.db'}")


class Api:
    """Calls the API with a valid token, or with the token that a call names."""

    def __init__(self, example: Example) -> None:
        self.example = example
        self.token = example.token()

    def __call__(
        self, method: str, path: str, token: str | None = None, **sent: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.request(
            method,
            f"{self.example.url}/api/v1{path}",
            headers=headers,
            timeout=10,
            **sent,
        )


@pytest.fixture(scope="session")
def api(example: Example) -> Api:
    return Api(example)
