"""The measurements, written as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from .growth import COMPARED_WITH, Grown
from .load import Ratio
from .propagation import Spread
from .suites import Bar
from .targets import BARE

_PACKAGES = (
    "Flask",
    "SQLAlchemy",
    "Authlib",
    "Flask-JWT-Extended",
    "django-oauth-toolkit",
    "gunicorn",
    "psycopg",
)


@dataclass(frozen=True)
class Row:
    """One bar, and whether it was reached."""

    what: str
    measured: str
    bar: str
    holds: bool


def check(bar: Bar, rates: Mapping[str, Sequence[float]]) -> Row:
    ratio = Ratio.of(rates[bar.target.name], rates[bar.other.name])
    return Row(
        f"{bar.target.name} / {bar.other.name}",
        _with_extremes(ratio),
        f">= {bar.least:g}",
        ratio.median >= bar.least,
    )


def check_growth(grown: Sequence[Grown]) -> list[Row]:
    """Check the largest table."""
    largest = grown[-1]
    slower = 1 / largest.rate.median
    return [
        Row(
            f"a view at {largest.rows:.0e} rows: time / at {COMPARED_WITH:.0e}",
            f"{slower:.3f}",
            "<= 1.15",
            slower <= 1.15,
        ),
        Row(
            f"bytes a token at {largest.rows:.0e} rows, indexes included",
            f"{largest.bytes_per_row:.0f}",
            "<= 243",
            largest.bytes_per_row <= 243,
        ),
    ]


def check_propagation(spreads: Sequence[Spread]) -> list[Row]:
    """Check the p99 and the maximum, idle and under load."""
    return [
        Row(
            f"a revocation reaches another process, {spread.name}: {what}",
            f"{1000 * seconds:.1f} ms (median {1000 * spread.median:.1f} ms)",
            f"<= {bar} ms",
            1000 * seconds <= bar,
        )
        for spread in spreads
        for what, seconds, bar in (
            ("p99", spread.p99, 10),
            ("worst", spread.worst, 200),
        )
    ]


def heading(rows: int, rounds: int, seconds: int) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Measured on {date.today().isoformat()}: {_processor()}, {os.cpu_count()} "
        f"cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {packages}. {rows} token rows, "
        f"{rounds} rounds of {seconds} s; medians, with the extremes behind.\n"
    )


def bars_table(rows: Iterable[Row]) -> str:
    return _table(
        ("measured", "ratio", "bar", "holds"),
        (
            (row.what, row.measured, row.bar, "yes" if row.holds else "**no**")
            for row in rows
        ),
    )


def rates_table(rates: Mapping[str, Sequence[float]]) -> str:
    """Return a table of all targets, next to bare Flask."""
    bare = rates[BARE.name]
    return _table(
        ("target", "x bare Flask"),
        (
            (name, _with_extremes(Ratio.of(measured, bare)))
            for name, measured in rates.items()
        ),
    )


def growth_table(grown: Iterable[Grown]) -> str:
    return _table(
        ("rows", f"x the rate at {COMPARED_WITH}", "bytes a row"),
        (
            (str(at.rows), _with_extremes(at.rate), f"{at.bytes_per_row:.0f}")
            for at in grown
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _with_extremes(ratio: Ratio) -> str:
    return f"{ratio.median:.3g} ({ratio.least:.3g} to {ratio.most:.3g})"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
