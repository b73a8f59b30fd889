"""Start servers with the guarded app behind them, each once, and end them."""

from __future__ import annotations

import os
import shutil
import signal
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ..ports import HOST, free_port, wait_for
from . import host
from .rows import Nginx, Setup

Serve = Callable[[Setup], int]

_APP = "tests.servers.host:create_app"
_ROOT = Path(__file__).parents[2]
_NGINX_CONF = string.Template((Path(__file__).parent / "nginx.conf.in").read_text())
_PATH = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin"]
)


@dataclass(frozen=True)
class Stored:
    """What the servers' database holds."""

    database_url: str
    client_id: str
    client_secret: str
    token: str


@pytest.fixture(scope="package")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A database file with one OAuth client and one token of its."""
    url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'host.sqlite'}"
    with host.create_app(url).app_context():
        host.db.create_all()
        registered = host.tapauth.register_client("Reports")
        token = host.tapauth.issue_token(registered)["access_token"]
        client_id, secret = registered.client_id, registered.client_secret
        host.db.session.remove()
        host.db.engine.dispose()
    assert secret is not None
    return Stored(url, client_id, secret, token)


@pytest.fixture(scope="package")
def serve(stored: Stored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start a server as it is set up, unless it runs already, and return its port."""
    # No setting of whoever runs the tests: a default must be the server's own.
    environment = {
        "DATABASE_URL": stored.database_url,
        "PATH": _PATH,
        "PYTHONPATH": str(_ROOT),
    }
    ports: dict[Setup, int] = {}
    processes: list[subprocess.Popen[bytes]] = []

    def serve(setup: Setup) -> int:
        if setup not in ports:
            directory = tmp_path_factory.mktemp("server")
            port = free_port()
            if setup.nginx is None:
                command = _command(setup, port)
            else:
                backend = serve(replace(setup, nginx=None))
                command = _nginx(setup.nginx, directory, port, backend)
            log = directory / "log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    command,
                    cwd=directory,  # where no gunicorn.conf.py is
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            processes.append(process)
            wait_for(port, process, log)
            ports[setup] = port
        return ports[setup]

    yield serve
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too
            process.wait()


def _command(setup: Setup, port: int) -> list[str]:
    python, address, options = sys.executable, f"{HOST}:{port}", setup.options.split()
    match setup.program:
        case "flask":
            where = ["run", "--host", HOST, "--port", str(port)]
            return [python, "-m", "flask", "--app", _APP, *where, *options]
        case "gunicorn":
            app = f"{_APP}()"
            return [python, "-m", "gunicorn", "--bind", address, *options, app]
        case "waitress":
            return [python, "-m", "waitress", "--listen", address, "--call", _APP]
        case "uwsgi":
            command = [_find("uwsgi"), "--master", "--die-on-term", "--need-app"]
            app = f"{_APP}()"
            command += ["--virtualenv", sys.prefix, "--module", app]
            return [*command, "--http-socket", address, *options]
    raise ValueError(setup.program)


def _nginx(nginx: Nginx, directory: Path, port: int, backend: int) -> list[str]:
    program = _find("nginx")
    conf = directory / "nginx.conf"
    conf.write_text(
        _NGINX_CONF.substitute(
            directory=directory,
            http=nginx.http,
            location=nginx.location,
            port=port,
            backend=backend,
        )
    )
    return [program, "-p", f"{directory}/", "-c", str(conf), "-e", "stderr"]


def _find(program: str) -> str:
    found = shutil.which(program, path=_PATH)
    if found is None:
        message = f"{program} is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found
