"""``python -m benchmarks``: measure all targets, and print a report."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from . import report
from .bench import Bench
from .databases import databases, version
from .growth import SIZES, measure_growth
from .propagation import measure_propagation
from .suites import DATABASES, SUITES

_QUICK = {"rounds": 2, "seconds": 1, "rows": 10_000}
_GROWTH = "growth"
_PROPAGATION = "propagation"

Tell = Callable[..., None]


def main() -> int:
    """Return 0 if every bar is reached."""
    wanted = _arguments()
    for program in ("wrk", "taskset", "redis-server"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is missing; on Debian, apt install wrk redis-server")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two cores are needed, one for the server and one for the load")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers, databases: ended
    parts: list[str] = []
    every: list[report.Row] = []

    def tell(text: str, rows: Iterable[report.Row] = ()) -> None:
        # At once: much is measured by the time that something fails.
        every.extend(rows)
        parts.append(text)
        print(text, flush=True)
        if wanted.output is not None:
            wanted.output.write_text("\n".join(parts))

    tell(report.heading(wanted.rows, wanted.rounds, wanted.seconds))
    with tempfile.TemporaryDirectory(prefix="tapauth_bench_") as directory:
        for database in wanted.database:
            path = Path(directory, database)
            path.mkdir()
            with databases(database, path) as made:
                bench = Bench(
                    made,
                    path,
                    rows=wanted.rows,
                    rounds=wanted.rounds,
                    seconds=wanted.seconds,
                )
                _measure(bench, wanted, tell)
    return 0 if all(row.holds for row in every) else 1


def _measure(bench: Bench, wanted: argparse.Namespace, tell: Tell) -> None:
    """Measure the chosen suites on one database."""
    database = bench.databases.kind
    is_postgresql = database == "postgresql"
    title = f"PostgreSQL {version()}" if is_postgresql else "SQLite"
    for suite in SUITES:
        if suite.name not in wanted.only:
            continue
        rates = bench.measure(suite.targets_on(database))
        rows = [report.check(bar, rates) for bar in suite.bars_on(database)]
        tell(f"## {title}: {suite.name}\n")
        tell(report.bars_table(rows), rows)
        tell(report.rates_table(rates))
    if _GROWTH in wanted.only and is_postgresql:
        grown = measure_growth(bench, SIZES[:3] if wanted.quick else SIZES)
        rows = report.check_growth(grown)
        tell(f"## {title}: {_GROWTH}\n")
        tell(report.bars_table(rows), rows)
        tell(report.growth_table(grown))
    if _PROPAGATION in wanted.only and is_postgresql:
        spreads = measure_propagation(bench, 50 if wanted.quick else 1000)
        rows = report.check_propagation(spreads)
        tell(f"## {title}: {_PROPAGATION}\n")
        tell(report.bars_table(rows), rows)
    for note in sorted(bench.notes):
        tell(f"{note}.\n")


def _arguments() -> argparse.Namespace:
    names = [*(suite.name for suite in SUITES), _GROWTH, _PROPAGATION]
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        default=names,
        metavar="NAME",
        help=f"some of {', '.join(names)}",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of load, a round")
    parser.add_argument("--rows", type=int, default=100_000, help="tokens in a table")
    parser.add_argument("--quick", action="store_true", help="see that it works")
    parser.add_argument("--output", type=Path, help="a file to write the report to")
    quick = parser.parse_known_args()[0].quick
    if quick:
        parser.set_defaults(**_QUICK)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
