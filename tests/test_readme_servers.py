"""The README's table of servers says what the tests of servers check."""

from __future__ import annotations

from pathlib import Path

from .servers.rows import HEADINGS, ROWS

README = Path(__file__).parents[1] / "README.md"


def test_the_table_of_servers_is_the_tested_one() -> None:
    """The contract: the documentation has the table, with the setting for each."""
    lines = iter(README.read_text(encoding="utf-8").splitlines())
    assert any(_cells(line) == HEADINGS for line in lines), "README has no such table"
    next(lines)  # the rule below the headings

    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append(_cells(line))

    assert table == [row.cells for row in ROWS]


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
