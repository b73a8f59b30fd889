"""The README's table of servers has the rows that the tests check."""

from __future__ import annotations

from .. import ROOT
from .rows import HEADINGS, ROWS

README = ROOT / "README.md"


def test_the_readme_has_the_tested_table() -> None:
    """Readers copy the settings of their server from the table."""
    lines = iter(README.read_text(encoding="utf-8").splitlines())
    assert any(_cells(line) == HEADINGS for line in lines), "README has no such table"
    next(lines)  # the line between headings and rows

    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append(_cells(line))

    assert table == [row.cells for row in ROWS]


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
