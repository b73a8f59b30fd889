"""A file of signing keys, for the commands that change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Key, make_key

FIRST, SECOND = make_key(), make_key("RS256", "second")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two keys, and with members that people add."""
    keys = [{**FIRST, "note": "of 2026"}, {**SECOND, "x-owner": ["ops"]}]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": keys}))
    return file


def keys_in(file: Path) -> list[Key]:
    keys: list[Key] = json.loads(file.read_text())["keys"]
    return keys
