"""What README and the site show is done here, as a reader would do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .. import ROOT
from .run import Run

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_block_of_the_page_works(page: Path, tmp_path: Path) -> None:
    """CONTRIBUTING.md: the blocks of a page run from top to bottom."""
    Run(page, tmp_path).run()
