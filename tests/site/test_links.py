"""Links of the files at the root, which the build of the site does not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from .. import ROOT

FILES = sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_link_leads_to_a_file_and_a_heading(file: Path) -> None:
    """A page that moves takes the links to it along."""
    for target in _links(file):
        name, _, anchor = target.partition("#")
        page = file.parent / name if name else file
        assert page.exists(), target
        assert not anchor or anchor in _anchors(page), target


def _links(file: Path) -> Iterator[str]:
    for token in MarkdownIt().parse(file.read_text(encoding="utf-8")):
        for child in token.children or []:
            target = str(child.attrGet("href") or child.attrGet("src") or "")
            if target and not re.match(r"[a-z]+:", target):
                yield target


def _anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings
    }
