"""Run a command, and read its JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..conftest import Run
from . import RunJson


@pytest.fixture
def run_json(run: Run) -> RunJson:
    """Run a command with ``--json``, and read what it prints on stdout."""

    def run_json(*arguments: str) -> Any:
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run_json
