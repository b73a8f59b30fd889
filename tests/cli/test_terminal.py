"""What `routes` and `doctor` print on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = "tests.servers.host:create_app"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return {**kept, "DATABASE_URL": f"sqlite:///{tmp_path}/host.db"}


def on_terminal(environment: dict[str, str], *command: str) -> list[str]:
    """Run a command on a terminal of 80 columns, and return its lines."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", APP, "tapauth", *command],
            env=environment,
            stdout=theirs,
        )
        os.close(theirs)
        printed = b""
        try:
            while chunk := screen.read(4096):
                printed += chunk
        except OSError:
            pass  # so a terminal ends on Linux
    process.wait(timeout=30)
    return printed.decode().splitlines()


def test_open_routes_are_coloured_on_a_terminal(environment: dict[str, str]) -> None:
    """A header, aligned columns, and colour on a terminal only."""
    header, *lines = on_terminal(environment, "routes")

    assert header.split()[:4] == ["ENDPOINT", "RULE", "METHODS", "GUARD"]
    column = header.index("GUARD")
    coloured = [line[column : column + 9] for line in lines if "\x1b" in line]
    assert sorted(set(coloured)) == ["\x1b[31mopen", "\x1b[33mopti"]
    assert all(line[column:].startswith(("\x1b", "required")) for line in lines)


def test_findings_are_wrapped_on_a_terminal(environment: dict[str, str]) -> None:
    """A sentence that goes on stays beside its check."""
    lines = on_terminal(environment, "doctor")

    starts = [line for line in lines if not line.startswith(" ")]
    assert len(starts) == 12
    assert "\x1b[31merror  \x1b[0m" in next(s for s in starts if s.startswith("tables"))
    plain = [line for line in lines if line.startswith(" ")]
    assert plain
    assert all(line.startswith(" " * 27) and len(line) <= 80 for line in plain)
