"""What the explanation says of tests and files of this tree is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .. import ROOT

PACKAGE = ROOT / "flask_tapauth"
EXPLANATION = ROOT / "docs/explanation"
THREATS = (EXPLANATION / "security.md").read_text(encoding="utf-8")
ARCHITECTURE = (EXPLANATION / "architecture.md").read_text(encoding="utf-8")

_TESTS = re.compile(r"^  - `(tests/[\w/]+\.py)`: (.+)$", re.MULTILINE)
_FILE = re.compile(r"`((?:_[a-z]+/)?[\w/]+\.(?:py|html|css)|_[a-z]+/(?:\w+/)*)`")


def promises() -> list[str]:
    """The items of the threat model that say what an attacker gets, or does not."""
    promised, _, _ = THREATS.partition("## What you have to do")
    return re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", promised, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("promise", promises(), ids=lambda text: text.split("**")[1])
def test_each_promise_names_tests_that_there_are(promise: str) -> None:
    """docs/explanation/security.md: which test keeps each promise."""
    named = [
        (file, name)
        for file, names in _TESTS.findall(promise)
        for name in re.findall(r"`(\w+)`", names)
    ]
    assert named, promise
    for file, name in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), name


def test_the_architecture_names_files_that_there_are() -> None:
    """docs/explanation/architecture.md: a map with a street that is gone misleads."""
    named = set(_FILE.findall(ARCHITECTURE))
    assert len(named) > 60
    assert {name for name in named if not (PACKAGE / name).exists()} == set()


def test_the_architecture_names_each_room() -> None:
    """docs/explanation/architecture.md: where what is."""
    rooms = {f"{path.parent.name}/" for path in PACKAGE.glob("_*/__init__.py")}
    assert {room for room in rooms if room not in ARCHITECTURE} == set()


def test_the_architecture_names_constants_that_there_are() -> None:
    """docs/explanation/architecture.md: "Where to change what"."""
    _, _, tasks = ARCHITECTURE.partition("## Where to change what")
    for name in re.findall(r"`(_?[A-Z][A-Z_]+)`", tasks):
        sources = [path.read_text(encoding="utf-8") for path in _sources()]
        assert any(re.search(rf"^{name}\b.*=", s, re.MULTILINE) for s in sources), name


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))
