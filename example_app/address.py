"""The address that the example is reached at, and what it is a resource at (RFC 8707).

Tokens are for one of the resources. They must not depend on the ``Host`` header, so the
example has to know its address before the first request.
"""

from __future__ import annotations

import click
from flask import Flask

from . import serving

MCP_PATH = "/mcp"


def name_resources(app: Flask) -> None:
    """Name the app and its MCP server, unless the environment names resources."""
    url = app.config.get("TAPAUTH_ISSUER") or own_url()
    app.config.setdefault("TAPAUTH_RESOURCES", [url, f"{url}{MCP_PATH}"])


def own_url() -> str:
    host, port = flask_run() or (serving.HOST, serving.PORT)
    return f"http://{host}:{port}"


def flask_run() -> tuple[str, int] | None:
    """Return where ``flask run`` serves; None if it does not run."""
    context = click.get_current_context(silent=True)
    if context is None or context.info_name != "run":
        return None
    return context.params["host"], context.params["port"]
