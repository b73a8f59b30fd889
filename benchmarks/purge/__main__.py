"""Purge a million expired tokens while a server issues and checks others.

    python -m benchmarks.purge [--rows N]

It makes a database of its own on PostgreSQL, and drops it at the end. The server, the
purge and the load are three processes. How much slower a check is during the purge is
printed as a ratio, because a ratio means the same on another machine.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from .app import create_app, fill
from .load import HOST, Load
from .watched import Purge, purge, purge_here

DATABASE_URL = f"postgresql+psycopg://postgres@{HOST}/tapauth_bench"


@contextmanager
def own_database(url: sa.URL) -> Iterator[None]:
    """Make a database, and drop it at the end; refuse one that exists already."""
    admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
    try:
        yield
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{url.database}" WITH (FORCE)')
        admin.dispose()


@contextmanager
def server() -> Iterator[int]:
    """Run the app behind waitress, and return its port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    command = ["-m", "waitress", "--listen", f"{HOST}:{port}", "--threads", "4"]
    process = subprocess.Popen(
        [sys.executable, *command, "--call", f"{create_app.__module__}:create_app"]
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
    parser = argparse.ArgumentParser(
        "python -m benchmarks.purge", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--rows",
        type=int,
        default=1_000_000,
        metavar="N",
        help="expired tokens (default: 1,000,000)",
    )
    parser.add_argument(
        "--live",
        type=int,
        default=10_000,
        metavar="N",
        help="tokens that are not expired (default: 10,000)",
    )
    parser.add_argument(
        "--batch-size",
        type=int,
        default=1000,
        metavar="N",
        help="rows per transaction (default: 1000)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=3,
        metavar="N",
        help="threads that send requests (default: 3)",
    )
    parser.add_argument(
        "--rate",
        type=int,
        default=60,
        metavar="N",
        help="checks per second (default: 60)",
    )
    parser.add_argument(
        "--before",
        type=int,
        default=20,
        metavar="SECONDS",
        help="measure so long before the purge (default: 20)",
    )
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
