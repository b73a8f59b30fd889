"""The table of RFCs says nothing that the tests do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from rfc_table import Section, read_citations, read_sections

from .. import ROOT


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    tables = read_sections(read_citations())
    return [section for table in tables.values() for section in table]


def test_each_section_is_kept_by_a_test_or_explained(sections: list[Section]) -> None:
    """rfcs.toml: cite the section in a test, or say why there is none."""
    unexplained = [(s.rfc, s.number) for s in sections if s.state == "unexplained"]
    assert not unexplained


def test_what_a_test_keeps_is_not_explained_away(sections: list[Section]) -> None:
    """docs/explanation/rfcs.toml: a section that a test cites has its title alone."""
    away = [(s.rfc, s.number) for s in sections if s.is_explained_away]
    assert not away


def test_the_tests_that_keep_a_section_are_there(sections: list[Section]) -> None:
    """A test that is moved takes its name in the table along."""
    files = {file for section in sections for file in section.tests}
    missing = [file for file in files if not (ROOT / "tests" / file).exists()]
    assert not missing
    assert len(files) > 50


def test_the_page_shows_each_section(sections: list[Section], site: Path) -> None:
    """docs/explanation/rfcs.md: section by section."""
    page = (site / "explanation/rfcs.html").read_text(encoding="utf-8")
    assert len(sections) > 80
    for section in sections:
        assert section.url in page
