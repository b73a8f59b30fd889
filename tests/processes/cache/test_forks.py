"""Each process has a channel of its own, also after a fork."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ..conftest import new_environment
from .conftest import Kind


def test_a_forked_process_leaves_its_parents_channel_alone(
    kind: Kind, tmp_path: Path
) -> None:
    """With --preload, two processes on one socket would each get half the messages."""
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.processes.cache.forked",
            kind.database.render_as_string(hide_password=False),
            str(kind.settings()["TAPAUTH_CACHE"]),
        ],
        cwd=tmp_path,
        env=new_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    child, parent = map(json.loads, run.stdout.splitlines())
    assert child["child"] == [[200, 1], [200, 0]]
    assert child["child hears"]
    assert parent["parent"] == [200, 0]
    assert parent["parent hears"]
    assert parent["parent, after the child's end"] == [200, 0]
