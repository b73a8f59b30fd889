"""Purge a million expired tokens while a server issues and checks others.

    python benchmarks/purge.py [--rows N]

It makes a database of its own on PostgreSQL, and drops it at the end. The server, the
purge and the load are three processes; what is slower while the purge runs is told as
a ratio, which means the same on another machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import RegisteredClient, TapAuth, require_token

HOST = "127.0.0.1"
DATABASE_URL = f"postgresql+psycopg://postgres@{HOST}/tapauth_bench"
CHECKS = 9
"""Tokens checked for each one that is issued."""

EXPIRED = """
INSERT INTO tapauth_token (digest, client_pk, scope, issued_at, expires_at)
SELECT sha256(n::text::bytea), :client, 'orders:read', :now - 3600 - n, :now - 1 - n
FROM generate_series(1, :rows) AS n
"""
LIVE = """
INSERT INTO tapauth_token (digest, client_pk, scope, issued_at, expires_at)
SELECT sha256((-n)::text::bytea), :client, 'orders:read', :now, :now + 86400
FROM generate_series(1, :rows) AS n
"""


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


def create_app() -> Flask:
    """Make the app of all processes, on the database that the environment names."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/check")
    @require_token("orders:read")
    def check() -> dict[str, bool]:
        return {"ok": True}

    return app


@dataclass
class Load:
    """What was asked of the server, and how long each check took."""

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
        """Issue a token and check it, again and again, until told to stop."""
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


@contextmanager
def own_database(url: sa.URL) -> Iterator[None]:
    """Make a database, refusing one that is there already, and drop it at the end."""
    admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
    try:
        yield
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{url.database}" WITH (FORCE)')
        admin.dispose()


def fill(rows: int, live: int) -> RegisteredClient:
    """Make the tables and their rows; the server makes them, which takes seconds."""
    with create_app().app_context():
        db.create_all()
        client = tapauth.clients.create("Load", scopes="orders:read")
        values = {"client": client.client.id, "now": int(time.time())}
        db.session.execute(sa.text(EXPIRED), {**values, "rows": rows})
        db.session.execute(sa.text(LIVE), {**values, "rows": live})
        db.session.commit()
        with db.engine.connect() as connection:
            # As autovacuum would have done long before.
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE tapauth_token")
        db.engine.dispose()
    return client


@contextmanager
def server() -> Iterator[int]:
    """Run the app behind waitress, and say on which port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    command = ["-m", "waitress", "--listen", f"{HOST}:{port}", "--threads", "4"]
    process = subprocess.Popen(
        [sys.executable, *command, "--call", "purge:create_app"],
        cwd=Path(__file__).parent,
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def peak_memory(pid: int) -> int:
    """Return the most memory that a process has had so far, in KiB; Linux knows it."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


def purge_here(batch_size: int) -> None:
    """Purge, in the process that is measured: its parent waits for both lines."""
    with create_app().app_context():
        db.session.execute(sa.select(1))
        db.session.rollback()
        print("ready", flush=True)
        sys.stdin.readline()
        print(tapauth.tokens.purge(batch_size=batch_size), flush=True)
        sys.stdin.readline()


@dataclass
class Purge:
    """One purge, as it was seen from outside."""

    began: float
    ended: float
    rows: int
    memory: list[int]
    """The peak so far, every fifth of a second, in KiB."""


def purge(batch_size: int) -> Purge:
    """Purge in a process of its own, and watch it."""
    command = [sys.executable, __file__, "--purge-here", "--batch-size"]
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


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def report(load: Load, purged: Purge) -> None:
    before = [took for began, took in load.checks if began < purged.began]
    during = [
        took for began, took in load.checks if purged.began <= began < purged.ended
    ]
    seconds = purged.ended - purged.began
    start, middle, end = (
        purged.memory[index] // 1024 for index in (0, len(purged.memory) // 2, -1)
    )
    print(f"rows purged            {purged.rows:,} in {seconds:.1f} s")
    print(f"rows per second        {purged.rows / seconds:,.0f}")
    print(f"requests               {load.sent:,} sent, {load.failed} failed")
    print(f"checks                 {len(before):,} before, {len(during):,} during")
    for name, percent in (("median", 50), ("p99", 99)):
        was, became = percentile(before, percent), percentile(during, percent)
        print(
            f"{name:6} of a check      {became / was:.2f} times as long during the "
            f"purge ({was * 1000:.2f} ms, {became * 1000:.2f} ms)"
        )
    print(f"peak RSS of the purge  {start} MiB, {middle} MiB, {end} MiB")
    print("                       at its start, in its middle, at its end")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="expired ones")
    parser.add_argument("--live", type=int, default=10_000, help="rows that stay")
    parser.add_argument("--batch-size", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=3, help="of the load")
    parser.add_argument("--rate", type=int, default=60, help="checks per second")
    parser.add_argument("--before", type=int, default=20, help="seconds, to compare")
    parser.add_argument("--purge-here", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    url = sa.make_url(os.environ.setdefault("DATABASE_URL", DATABASE_URL))
    if wanted.purge_here:
        purge_here(wanted.batch_size)
        return 0
    with own_database(url):
        client = fill(wanted.rows, wanted.live)
        with server() as port:
            load = Load(port, client, wanted.threads / wanted.rate)
            threads = [threading.Thread(target=load.run) for _ in range(wanted.threads)]
            for thread in threads:
                thread.start()
            try:
                time.sleep(2)  # until everybody is connected
                with load.lock:
                    load.checks.clear()
                time.sleep(wanted.before)
                purged = purge(wanted.batch_size)
            finally:
                load.stop.set()
                for thread in threads:
                    thread.join()
        report(load, purged)
    return 1 if load.failed or purged.rows < wanted.rows else 0


if __name__ == "__main__":
    sys.exit(main())
