"""Start a server on one core, and end it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SERVER_CORE: Final = 0
LOAD_CORE: Final = 1


@contextmanager
def gunicorn(app: str, settings: Mapping[str, str], log: Path) -> Iterator[int]:
    """Serve an app with one sync worker, and yield the port."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    command += ["--workers", "1", "--bind", f"127.0.0.1:{port}"]
    with _running([*command, f"benchmarks.apps.{app}:app"], settings, port, log):
        yield port


@contextmanager
def redis(log: Path) -> Iterator[str]:
    """Run a Redis that stores nothing on disk, and yield its URL."""
    port = _free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port)]
    with _running([*command, "--save", "", "--appendonly", "no"], {}, port, log):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(
    command: list[str], settings: Mapping[str, str], port: int, log: Path
) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(SERVER_CORE), *command],
            env={**os.environ, **settings},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"did not start: {process.args!r}\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
