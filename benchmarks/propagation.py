"""How soon another process refuses a revoked token, idle and under load.

Two gunicorn masters serve one database. One is asked for a token's view again and again
while the other revokes the token, a thousand times over.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from .bench import Bench
from .servers import gunicorn
from .targets import OURS_CACHED, OURS_DATA

MEDIUM: Final = OURS_CACHED
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_GIVEN_UP: Final = 10.0


@dataclass(frozen=True)
class Spread:
    """The seconds from the answer to a revocation to the first refusal elsewhere."""

    name: str
    median: float
    p99: float
    worst: float

    @classmethod
    def of(cls, name: str, seconds: Sequence[float]) -> Spread:
        p99 = statistics.quantiles(seconds, n=100)[98]
        return cls(name, statistics.median(seconds), p99, max(seconds))


def measure_propagation(bench: Bench, times: int) -> list[Spread]:
    """Measure it with PostgreSQL's notifications."""
    url, seeded = bench.fill(OURS_DATA)
    settings = {**MEDIUM.settings, "BENCH_DATABASE_URL": url}
    log = bench.directory / "propagation.log"
    with (
        gunicorn(MEDIUM.app, settings, log) as one,
        gunicorn(MEDIUM.app, settings, log) as other,
    ):
        idle = [_revoke_once(one, other, seeded) for _ in range(times)]
        with _load(other, seeded["token"]):
            loaded = [_revoke_once(one, other, seeded) for _ in range(times)]
    return [Spread.of("idle", idle), Spread.of("under load", loaded)]


def _revoke_once(one: int, other: int, client: dict[str, Any]) -> float:
    proof = {name: client[name] for name in ("client_id", "client_secret")}
    issued = _post(one, "/oauth/token", {"grant_type": "client_credentials", **proof})
    token = json.loads(issued)["access_token"]
    if _view(other, token) != 200:
        raise RuntimeError("a token that was just issued does not open its view")
    _post(one, "/oauth/revoke", {"token": token, **proof})
    revoked_at = time.monotonic()
    while _view(other, token) == 200:
        if time.monotonic() > revoked_at + _GIVEN_UP:
            raise RuntimeError("a revoked token went on opening its view")
    return time.monotonic() - revoked_at


def _post(port: int, path: str, form: dict[str, str]) -> bytes:
    status, body = _send(port, "POST", path, urlencode(form), _FORM)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}: {body!r}")
    return body


def _view(port: int, token: str) -> int:
    return _send(port, "GET", "/orders", None, {"Authorization": f"Bearer {token}"})[0]


def _send(
    port: int, method: str, path: str, body: str | None, headers: dict[str, str]
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def _load(port: int, token: str) -> Iterator[None]:
    """Request the view with another token, again and again."""
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            _view(port, token)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
