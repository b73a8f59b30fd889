"""Send requests to servers in turn, and count the answers."""

from __future__ import annotations

import re
import socket
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .servers import LOAD_CORE

_SCRIPT: Final = Path(__file__).with_name("requests.lua")
_CONNECTIONS: Final = 4
"""At a time; more than one, so that the server never waits for the load."""
_ENOUGH: Final = 10
"""Answers, of which a rate can be made."""


@dataclass
class Load:
    """The requests for one server.

    :param requests: a file of them, as ``requests.lua`` reads it.
    :param status: the status that every answer must have.
    """

    name: str
    port: int
    requests: Path
    status: int
    sent: int = 0
    times_longer: int = 1

    def run(self, seconds: int) -> float:
        """Send requests, and return the number of answers per second.

        A server so slow that chance would show in the count gets more time.

        :raises RuntimeError: an answer was not as expected.
        """
        while True:
            said = self._wrk(seconds * self.times_longer)
            self._drain()
            answered = int(_find(r"(\d+) requests in", said))
            refused = int(_find(r"Non-2xx or 3xx responses: (\d+)", said, "0"))
            expected = 0 if self.status < 400 else answered
            if refused != expected or "Socket errors" in said:
                raise RuntimeError(f"{self.name}: not what was expected\n{said}")
            # The next run goes on where this one ended, its last requests included.
            self.sent += answered + _CONNECTIONS
            if answered >= _ENOUGH:
                return float(_find(r"Requests/sec:\s*([\d.]+)", said))
            self.times_longer *= 2

    def _drain(self) -> None:
        """Wait until the server has worked off what the load left behind, which would
        take the core from the target that is next."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while connection.recv(65536):
                pass

    def _wrk(self, seconds: int) -> str:
        command = ["taskset", "--cpu-list", str(LOAD_CORE), "wrk"]
        command += ["--threads", "1", "--connections", str(_CONNECTIONS)]
        command += ["--duration", f"{seconds}s", "--timeout", "30s"]
        command += ["--script", str(_SCRIPT), f"http://127.0.0.1:{self.port}/"]
        return subprocess.run(
            [*command, "--", str(self.requests), str(self.sent)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout


def run_in_turn(
    loads: Sequence[Load], rounds: int, seconds: int
) -> dict[str, list[float]]:
    """Measure each server once per round: what slows the machine then slows all."""
    rates: dict[str, list[float]] = {load.name: [] for load in loads}
    for _ in range(rounds):
        for load in loads:
            rates[load.name].append(load.run(seconds))
    return rates


@dataclass(frozen=True)
class Ratio:
    """How many times as fast a server was: the median and extremes of the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, rates: Sequence[float], others: Sequence[float]) -> Ratio:
        ratios = [rate / other for rate, other in zip(rates, others, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios))


def _find(pattern: str, text: str, default: str | None = None) -> str:
    found = re.search(pattern, text)
    if found is not None:
        return found[1]
    if default is None:
        raise RuntimeError(f"wrk said nothing of {pattern!r}:\n{text}")
    return default
