"""Start servers with the guarded app behind them, each of them once."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from .. import ROOT
from ..ports import free_port, wait_for
from . import host
from .commands import app_server, nginx
from .exchange import exchange, form_request
from .programs import PATH
from .rows import TRUSTING, Setup

Start = Callable[[Callable[[Path, int], list[str]]], int]
Serve = Callable[[Setup], int]


@dataclass(frozen=True)
class Stored:
    """The servers' database, and the client and the token in it."""

    database_url: str
    client_id: str
    client_secret: str
    token: str

    def grant(self, **parameters: str) -> bytes:
        """Return the form of the client's token request (RFC 6749 §4.4.2)."""
        parameters = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            **parameters,
        }
        return urlencode(parameters).encode()


@pytest.fixture(scope="package")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A database file with one OAuth client and one token of that client."""
    url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'host.sqlite'}"
    with host.create_app(url).app_context():
        host.db.create_all()
        registered = host.tapauth.clients.create("Reports")
        token = host.tapauth.tokens.issue(registered)["access_token"]
        client_id, secret = registered.client_id, registered.client_secret
        host.db.session.remove()
        host.db.engine.dispose()
    assert secret is not None
    return Stored(url, client_id, secret, token)


@pytest.fixture(scope="package")
def start(stored: Stored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a server by the command that a function makes of a directory and a port."""
    # Without the settings of the person who runs the tests, which change defaults.
    environment = {
        "DATABASE_URL": stored.database_url,
        "PATH": PATH,
        "PYTHONPATH": str(ROOT),
    }
    processes: list[subprocess.Popen[bytes]] = []

    def start(command: Callable[[Path, int], list[str]]) -> int:
        directory = tmp_path_factory.mktemp("server")
        port = free_port()
        log = directory / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(directory, port),
                cwd=directory,  # where gunicorn finds no gunicorn.conf.py
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        processes.append(process)
        wait_for(port, process, log)
        return port

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the workers too
            process.wait()


@pytest.fixture(scope="package")
def serve(start: Start) -> Serve:
    """Start a server in this set-up unless it runs already, and return its port."""
    ports: dict[Setup, int] = {}

    def serve(setup: Setup) -> int:
        if setup not in ports:
            front = setup.nginx
            if front is None:
                ports[setup] = start(lambda *where: app_server(setup, *where))
            else:
                backend = serve(replace(setup, nginx=None))
                ports[setup] = start(
                    lambda directory, port: nginx(front, directory, port, backend)
                )
        return ports[setup]

    return serve


@pytest.fixture
def port(serve: Serve) -> int:
    """The port of a gunicorn that accepts all headers."""
    return serve(TRUSTING)


def assert_still_answers(port: int, stored: Stored) -> None:
    """Assert that the server still issues a token."""
    sent = form_request("POST /oauth/token", stored.grant())
    assert exchange(port, sent).status == 200
