"""The site, built once for all tests of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .. import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; a warning of the build fails every test."""
    built = tmp_path_factory.mktemp("site")
    command = ("-m", "sphinx", "-W", "--keep-going", "-q", "-d", f"{built}/.doctrees")
    result = subprocess.run(
        [sys.executable, *command, "docs", str(built)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return built
