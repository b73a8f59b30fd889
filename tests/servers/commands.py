"""The commands that start the servers on a port of loopback."""

from __future__ import annotations

import sys
from pathlib import Path

from ..ports import HOST
from .apache.commands import mod_wsgi
from .programs import fill, find
from .rows import Nginx, Setup

_APP = "tests.servers.host:create_app"


def app_server(setup: Setup, directory: Path, port: int) -> list[str]:
    """Return the command that starts the server with the app in it."""
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
            command = [find("uwsgi"), "--master", "--die-on-term", "--need-app"]
            app = f"{_APP}()"
            command += ["--virtualenv", sys.prefix, "--module", app]
            return [*command, "--http-socket", address, *options]
        case "mod_wsgi":
            return mod_wsgi(directory, port, setup.options)
    raise ValueError(setup.program)


def nginx(settings: Nginx, directory: Path, port: int, backend: int) -> list[str]:
    """Return the command that starts an nginx in front of another server.

    :param backend: the port of the other server.
    """
    conf = directory / "nginx.conf"
    conf.write_text(
        fill(
            Path(__file__).parent / "nginx.conf.in",
            directory=directory,
            http=settings.http,
            location=settings.location,
            port=port,
            backend=backend,
        ),
        encoding="utf-8",
    )
    return [find("nginx"), "-p", f"{directory}/", "-c", str(conf), "-e", "stderr"]
