"""The table of RFCs: what each section asks for, and which tests keep it.

The tests say in their docstrings which section they keep. ``explanation/rfcs.toml`` has
the sections, and why there is no test of some.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT: Final = Path(__file__).parents[2]
SECTIONS: Final = ROOT / "docs/explanation/rfcs.toml"
Cited = dict[tuple[str, str], list[str]]
State = Literal["kept", "not ours", "refused", "unexplained"]

_CITATION = re.compile(r"RFC (\d{4})((?:(?:,|;| and)* ?§[\d.]*\d)+)")
_SHOWN = 3


@dataclass(frozen=True)
class Section:
    """A section of an RFC, and what became of it."""

    rfc: str
    number: str
    title: str
    state: State
    why: str = ""
    tests: tuple[str, ...] = ()
    is_explained_away: bool = False
    """Whether the file says why there is no test, and there is one."""

    @property
    def url(self) -> str:
        base = f"https://www.rfc-editor.org/rfc/rfc{self.rfc}"
        return f"{base}#section-{self.number}"


def read_citations(tests: Path = ROOT / "tests") -> Cited:
    """Return the test files that cite each section, a file once for each test."""
    cited: Cited = {}
    for file in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for rfc, sections in _CITATION.findall(ast.get_docstring(node) or ""):
                for section in re.findall(r"[\d.]*\d", sections):
                    name = str(file.relative_to(tests))
                    cited.setdefault((rfc, section), []).append(name)
    return cited


def read_sections(cited: Cited) -> dict[str, list[Section]]:
    """Return the sections, by the title of their RFC."""
    known = tomllib.loads(SECTIONS.read_text(encoding="utf-8"))
    return {
        f"RFC {rfc}: {entry['title']}": [
            _section(rfc, number, about, cited)
            for number, about in entry["sections"].items()
        ]
        for rfc, entry in known.items()
    }


def _section(rfc: str, number: str, about: Any, cited: Cited) -> Section:
    if isinstance(about, str):
        about = {"title": about}
    title = about["title"]
    tests = [
        file
        for (cited_rfc, cited_number), files in cited.items()
        if cited_rfc == rfc and f"{cited_number}.".startswith(f"{number}.")
        for file in files
    ]
    if tests:
        away = "not_ours" in about or "refused" in about
        return Section(rfc, number, title, "kept", "", tuple(tests), away)
    if "kept" in about:
        files = (about["kept"].removeprefix("tests/"),)
        return Section(rfc, number, title, "kept", "", files)
    if "not_ours" in about:
        return Section(rfc, number, title, "not ours", about["not_ours"])
    if "refused" in about:
        return Section(rfc, number, title, "refused", about["refused"])
    return Section(rfc, number, title, "unexplained")


class RfcTable(SphinxDirective):
    """Each RFC as a table of its sections."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        text = "\n".join(self._lines())
        return self.parse_text_to_nodes(text, allow_section_headings=True)

    def _lines(self) -> Iterator[str]:
        words = {
            "kept": "kept",
            "not ours": "not applicable",
            "refused": "not done",
            "unexplained": "unknown",
        }
        for title, sections in read_sections(read_citations()).items():
            yield from (f"## {title}", "")
            yield from ("| section | | |", "| --- | --- | --- |")
            for section in sections:
                what = section.why or _tests(section.tests)
                link = f"[§{section.number}]({section.url}) {section.title}"
                yield f"| {link} | {words[section.state]} | {what} |"
            yield ""


def _tests(files: tuple[str, ...]) -> str:
    several = [*dict.fromkeys(files)]
    shown = ", ".join(f"`{file}`" for file in several[:_SHOWN])
    more = len(several) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("rfc-table", RfcTable)
    return {"parallel_read_safe": True}
