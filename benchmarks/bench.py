"""Fill databases, start servers, and send requests to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from .databases import Databases
from .load import Load, run_in_turn
from .servers import SERVER_CORE, gunicorn, redis
from .targets import Data, Target


class Bench:
    """A run on one database.

    :param rows: tokens in a table.
    """

    def __init__(
        self,
        databases: Databases,
        directory: Path,
        *,
        rows: int,
        rounds: int,
        seconds: int,
    ) -> None:
        self.databases = databases
        self.directory = directory
        self.notes: set[str] = set()
        self._rows = rows
        self._rounds = rounds
        self._seconds = seconds
        self._filled: dict[str, tuple[str, dict[str, Any]]] = {}

    def fill(self, data: Data) -> tuple[str, dict[str, Any]]:
        """Return the URL of a filled database, and what its seed returned."""
        if data.name not in self._filled:
            url = self.databases.make(data.name)
            rows = self._rows if data.rows is None else data.rows
            seeded = subprocess.run(
                [sys.executable, "-m", "benchmarks.seed", data.app, str(rows)],
                env={**os.environ, **data.settings, "BENCH_DATABASE_URL": url},
                stdout=subprocess.PIPE,
                check=True,
            )
            self._filled[data.name] = url, json.loads(seeded.stdout)
        return self._filled[data.name]

    def measure(self, targets: Iterable[Target]) -> dict[str, list[float]]:
        """Return the requests per second of each target, for each round."""
        with self._serving(targets) as loads:
            for load in loads:
                load.run(1)  # connections, statements and caches come to be
            note = self.databases.pin_backends(SERVER_CORE)
            if note is not None:
                self.notes.add(note)
            return run_in_turn(loads, self._rounds, self._seconds)

    @contextmanager
    def _serving(self, targets: Iterable[Target]) -> Iterator[list[Load]]:
        with ExitStack() as stack:
            loads = []
            for number, target in enumerate(targets):
                seeded: dict[str, Any] = {}
                settings = dict(target.settings)
                if target.data is not None:
                    settings["BENCH_DATABASE_URL"], seeded = self.fill(target.data)
                if target.needs_redis:
                    url = stack.enter_context(redis(self.directory / "redis.log"))
                    settings["BENCH_REDIS_URL"] = url
                requests = self.directory / f"{number}.requests"
                requests.write_bytes(b"\0".join(target.requests(seeded)))
                log = self.directory / f"{number}.log"
                port = stack.enter_context(gunicorn(target.app, settings, log))
                loads.append(Load(target.name, port, requests, target.status))
            yield loads
