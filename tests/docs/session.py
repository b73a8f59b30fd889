"""A terminal, or a Python prompt, that the blocks of a page are typed into."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

SESSIONS: Final = {
    "python": (sys.executable, "-u", Path(__file__).with_name("prompt.py")),
    "shell": ("bash", "-Eeu", Path(__file__).with_name("terminal.sh")),
}
BLOCK_TIMEOUT: Final = 120


class Session:
    """A process that runs one file after the other, and keeps its variables.

    It reads the files' names from its standard input, and answers with a line when one
    is done. What the files print is in `log`. Servers that they start belong to the
    process group that the session leads.
    """

    def __init__(
        self, language: str, folder: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                SESSIONS[language],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )

    def run(self, file: Path) -> None:
        """Run a file, and wait until it is done; fail the test where it is not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{file}\n".encode())
        self._process.stdin.flush()
        answers, _, _ = select.select([self._process.stdout], [], [], BLOCK_TIMEOUT)
        if not answers:
            self.fail(f"{file} has not ended after {BLOCK_TIMEOUT} seconds")
        if not self._process.stdout.readline():
            self.fail(f"{file} failed")

    def fail(self, what: str) -> None:
        printed = self._log.read_text(encoding="utf-8", errors="replace")
        pytest.fail(f"{what}\n{printed}", pytrace=False)

    def close(self) -> None:
        """End the session, and what is left of its process group."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # a shell stops its servers, and runs its traps
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()
