"""The processes of the rotation: servers, commands, and a resource server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from ... import ROOT
from ...ports import HOST, free_port, wait_for
from .conftest import ISSUER

APP = "tests.tokens.jwt.host:create_app"


@dataclass
class World:
    """A directory with a database and a key file, and the processes that use it."""

    directory: Path
    running: list[subprocess.Popen[Any]] = field(default_factory=list)

    @property
    def keys(self) -> Path:
        return self.directory / "keys.json"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"sqlite:///{self.directory / 'host.sqlite'}",
            "KEYS": str(self.keys),
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *command: str, **options: Any) -> subprocess.Popen[Any]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.directory,
            env=self.environment,
            **options,
        )
        self.running.append(process)
        return process

    def run(self, *command: str) -> Any:
        """Run ``flask tapauth …`` in a process, and return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", APP, "tapauth", *command],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def client(self, name: str, *options: str) -> dict[str, str]:
        """Register a client, and return its credentials."""
        made = self.run("clients", "create", name, *options, "--json")
        return {part: made[part] for part in ("client_id", "client_secret")}

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


class Server:
    """A server of the app, which can be restarted on its port."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._port = free_port()
        self._process = self._start()

    def restart(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
        self._process = self._start()

    def _start(self) -> subprocess.Popen[Any]:
        log = self._world.directory / f"{self._port}.log"
        where = f"--listen={HOST}:{self._port}"
        with log.open("ab") as output:
            process = self._world.start(
                *("-m", "waitress", where, "--call", APP), stdout=output, stderr=output
            )
        wait_for(self._port, process, log)
        return process

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self._port}{path}"

    def token(self, client: dict[str, str], **more: str) -> str:
        form = {"grant_type": "client_credentials", **client, **more}
        with urlopen(
            self.url("/oauth/token"), urlencode(form).encode(), timeout=30
        ) as answer:
            token: str = json.load(answer)["access_token"]
        return token

    def status(self, token: str) -> int:
        """Return the status of a view's answer to a token."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            with urlopen(
                Request(self.url("/whoami"), headers=headers), timeout=30
            ) as answer:
                status: int = answer.status
        except HTTPError as error:
            with error:
                status = error.code
        return status

    def kids(self) -> list[str]:
        with urlopen(self.url("/oauth/jwks.json"), timeout=30) as answer:
            return [key["kid"] for key in json.load(answer)["keys"]]


class Elsewhere:
    """A resource server in another process, which has only the published keys."""

    def __init__(self, world: World, server: Server, audience: str = ISSUER) -> None:
        script = str(Path(__file__).with_name("resource_server.py"))
        # Isolated: nothing of ours is on its path, nor in its environment.
        self._process = world.start(
            *("-I", script, server.url("/oauth/jwks.json"), ISSUER, audience),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, token: str) -> tuple[int, str]:
        """Return the number of fetches of the keys, and the subject of a token."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{token}\n")
        self._process.stdin.flush()
        fetched, _, said = self._process.stdout.readline().strip().partition(" ")
        return int(fetched), said
