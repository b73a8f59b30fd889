"""Do what a page says, from top to bottom, as its reader would."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from .. import ROOT
from ..ports import HOST, free_port
from .blocks import PORTS, Block, Fate, read_page
from .session import Session

START_TIMEOUT: Final = 30

_PORT = re.compile(rf"\b({'|'.join(map(str, PORTS))})\b")
_STARTS_SERVER = re.compile(r"(?<!&)&[ \t]*(?:#.*)?$", re.MULTILINE)


class Run:
    """One run of a page, in a folder of its own."""

    def __init__(self, page: Path, folder: Path) -> None:
        self._page = page
        self._folder = folder / "page"
        self._files = folder / "blocks"
        self._log = folder / "log"
        self._ports = {str(port): free_port() for port in PORTS}
        self._sessions: dict[str, Session] = {}
        self._folder.mkdir()
        self._files.mkdir()

    def run(self) -> None:
        with ExitStack() as stack:
            for block in read_page(self._page):
                if block.fate is Fate.SAVED:
                    self._save(block)
                elif block.fate is Fate.RUN:
                    self._run(block, stack)

    def _save(self, block: Block) -> None:
        assert block.file is not None
        file = self._folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._with_free_ports(block.code), encoding="utf-8")

    def _run(self, block: Block, stack: ExitStack) -> None:
        session = self._sessions.get(block.language)
        if session is None:
            session = Session(
                block.language, self._folder, self._environment(), self._log
            )
            stack.enter_context(closing(session))
            self._sessions[block.language] = session
        code = self._with_free_ports(block.code)
        file = self._files / str(block.line) / self._page.name
        file.parent.mkdir()
        # Errors name the line of the page.
        file.write_text("\n" * (block.line - 1) + code, encoding="utf-8")
        listening = self.listening()
        session.run(file)
        servers = len(_STARTS_SERVER.findall(code)) if block.language == "shell" else 0
        deadline = time.monotonic() + START_TIMEOUT
        while len(self.listening() - listening) < servers:
            if time.monotonic() > deadline:
                session.fail(f"line {block.line}: no server listens on any of {PORTS}")
            time.sleep(0.05)

    def _with_free_ports(self, code: str) -> str:
        return _PORT.sub(lambda match: str(self._ports[match[1]]), code)

    def listening(self) -> set[int]:
        def listens(port: int) -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((HOST, port)) == 0

        return {port for port in self._ports.values() if listens(port)}

    def _environment(self) -> dict[str, str]:
        """What a reader's terminal has: our programs, and no settings of this run."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FLASK_", "TAPAUTH_", "TEST_", "PYTEST_", "COV"))
        }
        programs = Path(sys.executable).parent
        return {
            **kept,
            "FLASK_RUN_PORT": str(self._ports["5000"]),
            "HOME": str(self._folder),
            "PATH": f"{programs}:{os.environ['PATH']}:/usr/sbin",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
