"""Write files of clients, and import them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ...conftest import MakeApp, Run

SECRET = "chosen very long ago"
Write = Callable[..., str]
Import = Callable[..., Any]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An app with an issuer, which clients with keys require."""
    return make_app(TAPAUTH_ISSUER="http://localhost")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write lines to a file, as JSON unless they are bytes."""

    def write(*lines: Any) -> str:
        file = tmp_path / "clients.jsonl"
        raw = [ln if isinstance(ln, bytes) else json.dumps(ln).encode() for ln in lines]
        file.write_bytes(b"\n".join(raw))
        return str(file)

    return write


@pytest.fixture
def imported(run: Run, write: Write) -> Import:
    """Import clients, and return the JSON that the command prints."""

    def imported(*lines: Any) -> Any:
        result = run("clients", "import", write(*lines), "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)

    return imported


@pytest.fixture
def refused(run: Run, write: Write) -> Import:
    """Import clients, assert that all are refused, and return stderr."""

    def refused(*lines: Any) -> list[str]:
        result = run("clients", "import", write(*lines))
        assert (result.exit_code, result.stdout) == (2, "")
        assert SECRET not in result.stderr
        said: list[str] = result.stderr.splitlines()
        return said

    return refused


def listed(run: Run) -> list[str]:
    clients = json.loads(run("clients", "list", "--json").stdout)
    return [client["client_id"] for client in clients]
