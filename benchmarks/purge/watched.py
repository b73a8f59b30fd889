"""Run a purge in a process of its own, and measure its time and memory."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from .app import create_app, db, tapauth


def peak_memory(pid: int) -> int:
    """Return the peak memory of a process so far, in KiB; works on Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


def purge_here(batch_size: int) -> None:
    """Purge in this process, when the parent process says so."""
    with create_app().app_context():
        db.session.execute(sa.select(1))
        db.session.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        print(tapauth.tokens.purge(batch_size=batch_size), flush=True)
        sys.stdin.readline()


@dataclass
class Purge:
    """What was measured of one purge."""

    began: float
    ended: float
    rows: int
    memory: list[int]
    """The peak so far, every fifth of a second, in KiB."""


def purge(batch_size: int) -> Purge:
    """Purge in a new process, and measure it."""
    command = [sys.executable, "-m", __package__, "--purge-here", "--batch-size"]
    process = subprocess.Popen(
        [*command, str(batch_size)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    if process.stdout.readline() != "ready\n":
        raise RuntimeError("the purge did not start")
    memory = [peak_memory(process.pid)]
    told: list[str] = []
    reader = threading.Thread(
        target=lambda out: told.append(out.readline()), args=[process.stdout]
    )
    began = time.perf_counter()
    process.stdin.write("go\n")
    process.stdin.flush()
    reader.start()
    while reader.is_alive():
        reader.join(0.2)
        memory.append(peak_memory(process.pid))
    ended = time.perf_counter()
    process.communicate("end\n")
    return Purge(began, ended, int(told[0]), memory)
