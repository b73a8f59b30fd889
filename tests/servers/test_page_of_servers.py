"""The site's table of servers says what the tests of the servers check."""

from __future__ import annotations

from .. import ROOT
from .rows import HEADINGS, ROWS

PAGE = ROOT / "docs/how-to/running/wsgi-servers.md"


def test_the_page_has_the_tested_table() -> None:
    """Readers copy the settings of their server from the table."""
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    assert any(_cells(line) == HEADINGS for line in lines), "no such table"
    next(lines)  # the line between headings and rows

    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append(_cells(line))

    assert table == [row.cells for row in ROWS]


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
