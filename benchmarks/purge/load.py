"""Issue and check tokens, and note how long each check takes."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask_tapauth import RegisteredClient

HOST = "127.0.0.1"
CHECKS = 9
"""Tokens checked for each one that is issued."""


@dataclass
class Load:
    """The requests to the server, and how long each check took."""

    port: int
    client: RegisteredClient
    pause: float
    stop: threading.Event = field(default_factory=threading.Event)
    checks: list[tuple[float, float]] = field(default_factory=list)
    """When each began, and how long it took, in seconds."""
    sent: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Issue a token and check it, again and again, until `stop` is set."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self.client.client_id,
                "client_secret": self.client.client_secret,
            }
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        while not self.stop.is_set():
            answer = self._ask(connection, "POST", "/oauth/token", form, kind)
            token = json.loads(answer).get("access_token") if answer else None
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(CHECKS):
                time.sleep(self.pause)
                began = time.perf_counter()
                self._ask(connection, "GET", "/check", None, headers)
                took = time.perf_counter() - began
                with self.lock:
                    self.checks.append((began, took))

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: str | None,
        headers: dict[str, str],
    ) -> bytes:
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer, ok = response.read(), response.status == 200
        except (OSError, http.client.HTTPException):
            connection.close()
            answer, ok = b"", False
        with self.lock:
            self.sent += 1
            self.failed += not ok
        return answer if ok else b""
